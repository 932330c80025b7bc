"""Sounds of any length, block by block: what `read_audio` returns, but never all of it at once."""

import math
import mmap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from torch import Tensor

from mmbook.preprocessing.audio import files, resampling
from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms
from mmbook.preprocessing.audio.waveforms import CANCELLED, one_channel
from mmbook.preprocessing.files import check_file

VALUES, SECONDS = 1 << 20, 20  # of a block at most: 4 MB, and little at another rate too
LONGEST = 24 * 3600  # seconds of a file


@dataclass(frozen=True)
class AudioStream:
    """A sound file that is read block by block.

    path: a WAV, AIFF, AU, FLAC, Ogg (Vorbis, Opus) or MP3 file. rate: its own, in Hz. channels:
    how many it has. samples: how many of each it says to hold.
    """

    path: Path
    rate: int
    channels: int
    samples: int

    @classmethod
    def open(cls, path: Path | str) -> "AudioStream":
        """The stream of a file, none of which is decoded yet.

        Raises AudioError where the file is missing, of another kind than `files.KINDS`, empty, cut
        short or damaged (as far as can be seen before it is decoded), or longer than LONGEST.
        """
        path = Path(path)
        with _opened(path) as file:
            _check_header(file, path)
            samples = _whole_length(file, path)
            if not samples:
                raise AudioError(f"{path} holds no samples")
            return cls(path, file.samplerate, file.channels, samples)

    @property
    def seconds(self) -> float:
        """How long the sound lasts, as far as its file says."""
        return self.samples / self.rate

    def blocks(self, rate: int) -> Iterator[Tensor]:
        """The mean of the channels at a rate, (any number of samples,) float32 a block.

        Together they are what `read_audio` returns. Raises AudioError at the block, or at the end,
        where that finds what it refuses: samples that are not finite or of another scale, fewer of
        them than were promised, channels that cancel each other.
        """
        return resample_blocks(_one_channel(self._decoded(), self.path), self.rate, rate)

    def _decoded(self) -> Iterator[Tensor]:
        """Blocks (samples, channels) as they are in the file."""
        size = max(1, min(VALUES // self.channels, SECONDS * self.rate))
        count = 0
        with _opened(self.path) as file:
            while len(block := file.read(size, "float32", always_2d=True)):
                count += len(block)
                yield torch.from_numpy(np.asarray(block, np.float32))
        if count < self.samples:
            raise AudioError(
                f"the sound file {self.path} is damaged or cut short: {self.samples} samples are "
                f"in it, and {count} can be decoded"
            )


def resample_blocks(blocks: Iterable[Tensor], rate: int, new_rate: int) -> Iterator[Tensor]:
    """Bring a sound that comes in blocks to another rate: what `resample` makes of all together.

    Of each block, the outputs are given for which all samples around them have come. The samples
    that the next ones read are kept, from one on where the filter stands as at the beginning.
    blocks: (samples,) each. Raises AudioError as `resample` does.
    """
    rate, new_rate = check_rate(rate), check_rate(new_rate)
    up, down = (value // math.gcd(rate, new_rate) for value in (new_rate, rate))
    reach = resampling.phase_reach(up, down) if rate != new_rate else 0
    kept, start, given = torch.empty(0), 0, 0  # start: which sample kept[0] is; given: outputs
    for block in blocks:
        kept = torch.cat([kept, check_waveforms(block[None], 0)[0]])
        # Output m reads the samples up to m * down // up + reach.
        ready = -((reach - start - len(kept)) * up // down)
        if ready > given:
            first = start * up // down
            outputs = resampling.resample(kept, rate, new_rate)
            yield outputs[given - first : ready - first]
            given = ready
            later = max(start, (given * down // up - reach) // down * down)
            kept, start = kept[later - start :].clone(), later
    rest = -(-(start + len(kept)) * up // down) - given
    if rest > 0:
        yield resampling.resample(kept, rate, new_rate)[-rest:]


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """A file of libsndfile, whose errors become AudioError."""
    try:
        if not check_file(path, AudioError).stat().st_size:
            raise AudioError(f"the sound file {path} is empty (0 bytes)")
        with path.open("rb") as content, soundfile.SoundFile(content) as file:
            yield file
    except (OSError, RuntimeError, TypeError) as error:  # TypeError: a name that ends in .raw
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or error
        raise AudioError(f"cannot read the sound file {path}: {reason}") from error


def _check_header(file: soundfile.SoundFile, path: Path) -> None:
    """Raise AudioError unless a file is of a known kind, and says a length that can be."""
    check_rate(file.samplerate)
    if file.format not in files.KINDS:
        raise AudioError(
            f"{path} is a sound file of the kind {file.format}, of which nobody can say whether it "
            f"is whole; convert it to one of {', '.join(files.KINDS)}"
        )
    if file.frames > LONGEST * file.samplerate:
        raise AudioError(
            f"{path} does not say how long it is, or more than {LONGEST // 3600} hours: decode it "
            "and encode it again, as `flac -d` and `flac` do, or cut it into pieces"
        )


def _whole_length(file: soundfile.SoundFile, path: Path) -> int:
    """How many samples a file says to hold; raises AudioError where some of it is missing."""
    is_mp3 = file.subtype == "MPEG_LAYER_III"
    if not is_mp3 and file.format != "OGG":
        problem, samples = files._problem(file, path), file.frames
    else:
        with path.open("rb") as content, _Mapped(content.fileno(), 0, access=mmap.ACCESS_READ) as b:
            mapped: Any = b
            if is_mp3:
                problem = files._mp3_problem(mapped)
                samples = files._mp3_length(mapped, file.frames)
            else:
                problem, samples = files._ogg_problem(mapped), file.frames
    if problem:
        raise AudioError(f"the sound file {path} is damaged or cut short: {problem}")
    return samples


class _Mapped(mmap.mmap):
    """The bytes of a file, read where they are looked at."""

    def startswith(self, start: bytes) -> bool:
        return self[: len(start)] == start


def _one_channel(blocks: Iterable[Tensor], path: Path) -> Iterator[Tensor]:
    """The means of the channels of blocks (samples, channels), where they still are the sound."""
    count, sums, squares = 0, np.zeros(1), np.zeros(1)  # of the channels, and of their mean
    for block in blocks:
        try:  # as one channel: checks each sample, and mixes nothing
            one_channel(block.reshape(-1, 1), 1, 1)
        except AudioError as error:
            raise AudioError(f"{path}: {error}") from error
        mean = block.mean(dim=1)
        values = torch.cat([block, mean[:, None]], dim=1).double().numpy()
        count += len(block)
        sums, squares = sums + values.sum(axis=0), squares + np.square(values).sum(axis=0)
        yield mean
    power = squares / max(1, count) - np.square(sums / max(1, count))
    if power[:-1].mean() > 1e-10 and power[-1] < CANCELLED * power[:-1].mean():
        raise AudioError(
            f"{path}: its channels cancel each other, so their mean is next to silence: one is the "
            "other turned upside down; keep one of them alone"
        )

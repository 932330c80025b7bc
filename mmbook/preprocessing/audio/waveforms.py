"""Step 1 for sound: a file becomes a waveform of a known rate, length and level."""

from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.audio import resampling
from mmbook.preprocessing.audio.checks import AudioError, check_waveforms

MOST_VALUES = 1 << 27  # of one file, 512 MB: 46 minutes at 48 kHz


def read_audio(path: Path | str, rate: int, *, resample: bool = False) -> Tensor:
    """Read a sound file as one channel; the channels of a stereo file are averaged.

    path: any format that libsndfile reads (WAV, FLAC, Ogg, MP3).
    rate: the sampling rate, in Hz, that the file must have; with `resample`, that it is brought to.
    Nothing is resampled unasked.
    Returns (samples,) float32 in [-1, 1]; filters and lossy formats may overshoot slightly.
    Raises AudioError where the file is missing, unreadable, empty, not finite, of another rate, or
    too long to be held in memory.
    """
    samples, found = _decode(Path(path))
    if len(samples) == 0:
        raise AudioError(f"{path} holds no samples")
    if found != rate and not resample:
        raise AudioError(
            f"{path} has {found} samples a second, but {rate} were expected; "
            f"read_audio(path, {rate}, resample=True) brings it to that rate"
        )
    if len(samples) * rate > MOST_VALUES * found:
        raise AudioError(
            f"{path} lasts {len(samples) / found:.0f} s, more than {MOST_VALUES} samples at {rate} "
            "Hz: cut it into pieces, or see whether its header states the right rate"
        )
    if not np.isfinite(samples).all():
        raise AudioError(f"{path} holds samples that are NaN or infinite")
    clip = torch.from_numpy(samples.mean(axis=1))  # (samples, channels) -> (samples,)
    try:
        return resampling.resample(clip, found, rate)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error


def _decode(path: Path) -> tuple[NDArray[np.float32], int]:
    """The samples of a file, (samples, channels), and its rate."""
    try:
        with path.open("rb") as content, soundfile.SoundFile(content) as file:
            # A damaged header may promise more than any memory holds: look before reading.
            if file.frames * file.channels > MOST_VALUES:
                raise AudioError(
                    f"{path} says that it holds {file.frames} samples of {file.channels} channels; "
                    f"at most {MOST_VALUES} values are read at a time: cut it into pieces"
                )
            samples = file.read(dtype="float32", always_2d=True)
            return np.asarray(samples, dtype=np.float32), file.samplerate
    except (OSError, RuntimeError, TypeError) as error:  # TypeError: a name that ends in .raw
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or error
        raise AudioError(f"cannot read the sound file {path}: {reason}") from error


def fit_length(clip: Tensor, samples: int) -> Tensor:
    """Cut the middle out of a clip, or pad it with zeros on both sides.

    clip: (..., any number of samples). Returns (..., samples).
    """
    spare = clip.shape[-1] - samples
    if spare >= 0:
        start = spare // 2
        return clip[..., start : start + samples]
    before = -spare // 2
    return torch.nn.functional.pad(clip, (before, -spare - before))


def clipped_share(waveforms: Tensor, run: int = 3) -> Tensor:
    """How much of each clip was cut off flat, because it was recorded too loudly.

    A sample counts where `run` or more neighbours, itself among them, all stand at the clip's
    highest or all at its lowest value; a voice touches its peak once, a cut one stays there.
    waveforms: (n, samples). Returns (n,) in [0, 1]; silence gives 0.
    """
    check_waveforms(waveforms)
    if not 1 <= run <= waveforms.shape[1]:
        raise AudioError(f"run must lie in 1..{waveforms.shape[1]}, the samples, got {run}")
    peak = waveforms.abs().amax(dim=1, keepdim=True)
    flat = torch.zeros_like(waveforms, dtype=torch.bool)
    for sign in (1, -1):
        at_peak = (sign * waveforms >= 0.999 * peak) & (peak > 0)
        starts = at_peak.unfold(1, run, 1).all(dim=2)  # (n, samples - run + 1)
        for shift in range(run):
            flat[:, shift : shift + starts.shape[1]] |= starts
    return flat.to(waveforms).mean(dim=1)


def normalise_level(clip: Tensor, rms: float = 0.1) -> Tensor:
    """Scale clips to one root mean square, so that loudness tells nothing.

    clip: (..., samples). Raises AudioError where a clip is silent.
    """
    return clip * (rms / _audible(clip, "clip").sqrt())


def mix_at_snr(speech: Tensor, noise: Tensor, snr_db: float | Tensor) -> Tensor:
    """Add noise to speech, scaled so that their powers stand in the given ratio.

    The speech keeps its level. speech, noise: (n, samples); snr_db: decibels, scalar or (n,).
    Returns (n, samples). Raises AudioError where speech or noise is silent or their shapes differ.
    """
    wanted = torch.as_tensor(snr_db, dtype=speech.dtype, device=speech.device)
    ratio = measure_snr(speech, noise) - wanted  # (n,)
    return torch.addcmul(speech, noise, (10 ** (ratio / 20))[..., None])


def measure_snr(speech: Tensor, noise: Tensor) -> Tensor:
    """The ratio of the power of speech to that of noise, in decibels.

    speech, noise: (n, samples). Returns (n,). Raises AudioError as `mix_at_snr` does.
    """
    if speech.shape != noise.shape:
        raise AudioError(
            f"speech {tuple(speech.shape)} and noise {tuple(noise.shape)} must have one shape"
        )
    powers = _audible(speech, "speech") / _audible(noise, "noise")
    return 10 * powers.squeeze(-1).log10()


def _audible(clip: Tensor, name: str) -> Tensor:
    """The mean power of each clip, (..., 1); raises AudioError where one is silent or empty."""
    power = clip.square().mean(-1, keepdim=True)
    if not (power > 0).all():  # an empty or NaN clip has the power NaN and fails too
        raise AudioError(f"the {name} is silent or not finite: it has no level to scale by")
    return power

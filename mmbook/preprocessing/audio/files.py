"""From the bytes of a sound file to its samples, and whether all of the file is there.

libsndfile decodes what it finds, and says nothing of what is missing. So each kind of file is held
against what it says of itself: its length, or that its pieces follow one another without a gap.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.files import check_file

MOST_VALUES = 1 << 27  # of one file, 512 MB: 46 minutes at 48 kHz
KINDS = ("WAV", "WAVEX", "AIFF", "AU", "FLAC", "OGG", "MP3")
_UNKNOWN_SIZE = 0x7FFF0000  # programs that write into a pipe promise this much or more
_UNKNOWN_LENGTH = (1 << 63) - 1
# libsndfile's notes on a block that promises more than the file holds.
_SHORT = re.compile(r"^ *(?:data|SSND|Data Size) *: (\d+) \(should be (\d+)\)", re.MULTILINE)

# MPEG audio, layer III: by the version's number in the header, its rates and kilobits a second.
_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MP3_KILOBITS = {
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_LAYER_3, _TAGS = 1, (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
_MP3_COUNTS = (b"Xing", b"Info", b"VBRI")
_MP3_SILENT = 5  # frames at most that hold what an encoder puts before and behind the sound
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def decode_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """The samples of a file, (samples, channels), and its rate in Hz.

    Raises AudioError where the file is missing, of another kind than KINDS, cut short, damaged, or
    too long to be held in memory. Changed bytes are found in FLAC and Ogg, which hold checksums;
    in an MP3 where they break its chain of frames; in the others, which hold bare samples, not.
    """
    try:
        if not check_file(path, AudioError).stat().st_size:
            raise AudioError(f"the sound file {path} is empty (0 bytes)")
        with path.open("rb") as content, soundfile.SoundFile(content) as file:
            _check_size(file, path)
            problem = _problem(file, path)
            if problem:
                raise AudioError(f"the sound file {path} is damaged or cut short: {problem}")
            samples = np.asarray(file.read(file.frames, "float32", always_2d=True), np.float32)
            held = _mp3_length(path.read_bytes(), file.frames) if _is_mp3(file) else file.frames
            if len(samples) < held:
                raise AudioError(
                    f"the sound file {path} is damaged or cut short: {held} samples are in it, "
                    f"and {len(samples)} can be decoded"
                )
            return samples, file.samplerate
    except (OSError, RuntimeError, TypeError) as error:  # TypeError: a name that ends in .raw
        reason = getattr(error, "error_string", None) or getattr(error, "strerror", None) or error
        raise AudioError(f"cannot read the sound file {path}: {reason}") from error


def _check_size(file: soundfile.SoundFile, path: Path) -> None:
    """Raise AudioError unless a file is of a known kind and length, and fits into memory."""
    if file.format not in KINDS:
        raise AudioError(
            f"{path} is a sound file of the kind {file.format}, of which nobody can say whether it "
            f"is whole; convert it to one of {', '.join(KINDS)}"
        )
    if file.frames == _UNKNOWN_LENGTH:
        raise AudioError(
            f"{path} does not say how long it is: whoever wrote it was stopped, or wrote into a "
            "pipe; decode it and encode it again, as `flac -d` and `flac` do"
        )
    # A damaged header may promise more than any memory holds: look before reading.
    if file.frames * file.channels > MOST_VALUES:
        raise AudioError(
            f"{path} says that it holds {file.frames} samples of {file.channels} channels; "
            f"at most {MOST_VALUES} values are read at a time: cut it into pieces"
        )


def _problem(file: soundfile.SoundFile, path: Path) -> str | None:
    """What of a file is missing, as far as can be seen before it is decoded."""
    if file.format == "OGG":
        return _ogg_problem(path.read_bytes())
    if _is_mp3(file):
        return _mp3_problem(path.read_bytes())
    short = _SHORT.search(file.extra_info)
    if short and int(short[1]) < _UNKNOWN_SIZE:
        return f"it promises {short[1]} bytes of sound and holds {short[2]}"
    return None


def _is_mp3(file: soundfile.SoundFile) -> bool:
    return file.subtype == "MPEG_LAYER_III"  # layers I and II are read on trust


def _ogg_problem(content: bytes) -> str | None:
    """Ogg is a chain of numbered pages, each with its length and a checksum; the last says so."""
    counted, ended = {}, {}
    place = 0
    while place < len(content):
        lengths = content[place + 27 : place + 27 + sum(content[place + 26 : place + 27])]
        end = place + 27 + len(lengths) + sum(lengths)
        if content[place : place + 4] != b"OggS" or end > len(content):
            return f"no whole page begins at byte {place} of {len(content)}"
        stream, number, checksum = struct.unpack_from("<III", content, place + 14)
        page = content[place : place + 22] + bytes(4) + content[place + 26 : end]
        if _ogg_checksum(page) != checksum or number != counted.get(stream, -1) + 1:
            return f"the page at byte {place} is damaged, or the one before it is missing"
        counted[stream], ended[stream] = number, bool(content[place + 5] & 4)
        place = end
    return None if all(ended.values()) else "its last page is missing"


def _ogg_checksum(page: bytes) -> int:
    """Ogg's CRC-32 takes each byte from its highest bit, zlib's from its lowest: a mirror image."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def _mp3_problem(content: bytes) -> str | None:
    """An MP3 is a chain of frames, whose lengths follow from their headers, between tags."""
    place = _mp3_start(content)
    place += sum(length for length, _ in _mp3_frames(content))
    rest = content[place:]
    if rest.strip(b"\0") and not rest.startswith(_TAGS):
        return f"no whole frame begins at byte {place} of {len(content)}"
    return None


def _mp3_length(content: bytes, stated: int) -> int:
    """How many samples an MP3 holds: as it states in its first frame, or else at least so many.

    libsndfile guesses where the first frame does not state it, and is far off at a changing rate.
    """
    frames = list(_mp3_frames(content))
    start = _mp3_start(content)
    first = content[start : start + sum(length for length, _ in frames[:1])]
    if any(name in first for name in _MP3_COUNTS):
        return stated
    return sum(samples for _, samples in frames[_MP3_SILENT:])


def _mp3_start(content: bytes) -> int:
    """Where the first frame begins, behind the tag in which titles and images are."""
    if not content.startswith(b"ID3"):
        return 0
    place = 10 + int("".join(f"{byte & 127:07b}" for byte in content[6:10]) or "0", 2)
    return len(content) - len(content[place:].lstrip(b"\0"))


def _mp3_frames(content: bytes) -> Iterator[tuple[int, int]]:
    """The bytes and the samples of the frames that follow one another, as far as they do."""
    place = _mp3_start(content)
    while place + 4 <= len(content):
        first, second, third = content[place : place + 3]
        version, layer = second >> 3 & 3, second >> 1 & 3
        kilobits, rate = third >> 4, third >> 2 & 3
        known = first == 0xFF and second >> 5 == 7 and version in _MP3_RATES
        if not known or layer != _MP3_LAYER_3 or kilobits in (0, 15) or rate == 3:
            return
        bits = 1000 * _MP3_KILOBITS[3 if version == 3 else 2][kilobits - 1]
        samples = 1152 if version == 3 else 576
        length = samples // 8 * bits // _MP3_RATES[version][rate]
        length += third >> 1 & 1  # one byte of padding
        if place + length > len(content):
            return
        yield length, samples
        place += length

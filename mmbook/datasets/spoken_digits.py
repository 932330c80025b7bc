"""Spoken digits: the synthetic ones that ship with the book, and the recorded ones of FSDD."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mmbook.datasets.real import SPOKEN_DIGITS, DataDamagedError
from mmbook.paths import data_folder
from mmbook.preprocessing.speech import AudioError, fit_length, normalise_level, read_audio

RATE = 8000
SAMPLES = 6400  # 0.8 s; 98 % of the FSDD recordings are shorter
ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CHINESE = tuple("零一二三四五六七八九")

FSDD_TEST_SPEAKERS = ("theo", "yweweler")
_FSDD_OFFICIAL_TEST_TAKES = 5  # takes 0-4 of every digit and speaker


@dataclass(frozen=True)
class Clips:
    """Spoken words.

    waveforms: (n, SAMPLES) float32 at RATE, root mean square 0.1 before padding.
    labels: (n,) the digit. words, voices: what is said and who says it, n strings each.
    """

    waveforms: Tensor
    labels: Tensor
    words: list[str]
    voices: list[str]


def load_synthetic(split: str) -> Clips:
    """The shipped clips of a split's voices, 20 words a voice (see data/spoken-digits)."""
    folder = data_folder() / "spoken-digits"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    words = index["words"]
    voices = [name for name, entry in index["voices"].items() if entry["split"] == split]
    shape = (len(words), index["samples"])
    waveforms = [
        read_audio(folder / f"{voice}.flac", index["rate"]).reshape(shape) for voice in voices
    ]
    return Clips(
        waveforms=torch.cat(waveforms),
        labels=torch.tensor([word["label"] for word in words]).repeat(len(voices)),
        words=[word["word"] for word in words] * len(voices),
        voices=[voice for voice in voices for _ in words],
    )


def load_fsdd(split: str) -> Clips:
    """Recordings of the Free Spoken Digit Dataset, split by speaker.

    test: the speakers FSDD_TEST_SPEAKERS, all takes. validation: the official test takes 0-4 of
    the other speakers; train: their other takes. Clips are cut or padded to SAMPLES.
    Raises DataMissingError, or DataDamagedError where a recording is none.
    """
    folder = SPOKEN_DIGITS.locate()
    chosen = [path for path in sorted(folder.glob("*.wav")) if _fsdd_split(path) == split]
    if not chosen:
        raise DataDamagedError(f"{folder} holds no recordings such as 0_george_0.wav for {split}")
    names = [path.stem.split("_") for path in chosen]
    labels = [int(digit) for digit, _, _ in names]
    return Clips(
        waveforms=torch.stack([_fsdd_clip(path) for path in chosen]),
        labels=torch.tensor(labels),
        words=[ENGLISH[label] for label in labels],
        voices=[speaker for _, speaker, _ in names],
    )


def _fsdd_split(path: Path) -> str:
    """The split of a recording {digit}_{speaker}_{take}.wav."""
    try:
        _, speaker, take = path.stem.split("_")
        official_test = int(take) < _FSDD_OFFICIAL_TEST_TAKES
    except ValueError as error:
        raise DataDamagedError(f"{path} is not named digit_speaker_take.wav") from error
    if speaker in FSDD_TEST_SPEAKERS:
        return "test"
    return "validation" if official_test else "train"


def _fsdd_clip(path: Path) -> Tensor:
    """One recording at the common level and length, (SAMPLES,)."""
    try:
        return fit_length(normalise_level(read_audio(path, RATE)), SAMPLES)
    except AudioError as error:
        raise DataDamagedError(f"{path} cannot be used: {error}") from error

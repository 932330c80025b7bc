"""Spoken digits: the synthetic ones that ship with the book, and the recorded ones of FSDD."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mmbook.datasets.collections import LabelledAudio
from mmbook.datasets.entries import DataDamagedError, DataSet
from mmbook.datasets.real.fsdd import RATE, WORDS, Recording, list_recordings
from mmbook.datasets.small.voices import read_voices
from mmbook.datasets.splits import check_split
from mmbook.paths import data_folder
from mmbook.preprocessing.audio.waveforms import AudioError, fit_length, normalise_level, read_audio

SPOKEN_DIGITS = DataSet(
    name="spoken-digits",
    splits=("train", "validation", "test"),
    title="Synthetic spoken digits",
    kind="shipped",
    what="The ten digits in English and in Mandarin, each said by 24 voices of a synthesiser: 480 "
    "clips of 0.8 s at 8 kHz. Split by voice: 16 train, 2 validation, 6 test.",
    teaches="spectrograms and speech recognition where nothing can be downloaded",
    size="2 MB, in data/spoken-digits",
    licence="CC0 1.0",
    homepage="https://github.com/espeak-ng/espeak-ng",
    citations=("espeakng",),
)

SAMPLES = 6400  # 0.8 s; 98 % of the FSDD recordings are shorter
ENGLISH = WORDS
CHINESE = tuple("零一二三四五六七八九")

FSDD_TEST_SPEAKERS = ("theo", "yweweler")


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
    index, voices = read_voices("spoken-digits", split)
    words = index["words"]
    waveforms = [said.reshape(len(words), index["samples"]) for said in voices.values()]
    return Clips(
        waveforms=torch.cat(waveforms),
        labels=torch.tensor([word["label"] for word in words]).repeat(len(voices)),
        words=[word["word"] for word in words] * len(voices),
        voices=[voice for voice in voices for _ in words],
    )


def load_spoken_digits(split: str, *, languages: Sequence[str] = ("en", "zh")) -> LabelledAudio:
    """The shipped clips as sounds; `origins` are the voices, `texts` the words.

    split: "train" (16 voices), "validation" (2) or "test" (6). languages: "en", "zh" or both.
    """
    check_split(split, ("train", "validation", "test"))
    if not languages or set(languages) - {"en", "zh"}:
        raise ValueError(f"the digits are said in en and zh, not in all of {list(languages)}")
    clips = load_synthetic(split)
    sounds = LabelledAudio(
        waveforms=clips.waveforms,
        lengths=torch.full((len(clips.labels),), clips.waveforms.shape[1]),
        labels=clips.labels,
        texts=tuple(clips.words),
        origins=tuple(clips.voices),
        files=tuple(data_folder() / "spoken-digits" / f"{voice}.flac" for voice in clips.voices),
        classes=tuple("0123456789"),
        rate=RATE,
    )
    spoken = ["en" if word in ENGLISH else "zh" for word in clips.words]
    return sounds[[row for row, language in enumerate(spoken) if language in languages]]


def load_fsdd(split: str) -> Clips:
    """Recordings of the Free Spoken Digit Dataset, split by speaker.

    test: the speakers FSDD_TEST_SPEAKERS, all takes. validation: the official test takes 0-4 of
    the other speakers; train: their other takes. Clips are cut or padded to SAMPLES.
    Raises DataMissingError, or DataDamagedError where a recording is none.
    """
    chosen = [recording for recording in list_recordings() if _fsdd_split(recording) == split]
    if not chosen:
        raise DataDamagedError(f"the Free Spoken Digit Dataset has no recordings for {split}")
    return Clips(
        waveforms=torch.stack([_fsdd_clip(recording.path) for recording in chosen]),
        labels=torch.tensor([recording.digit for recording in chosen]),
        words=[ENGLISH[recording.digit] for recording in chosen],
        voices=[recording.speaker for recording in chosen],
    )


def _fsdd_split(recording: Recording) -> str:
    """The split of a recording: by speaker, and by take where the speaker is for training."""
    if recording.speaker in FSDD_TEST_SPEAKERS:
        return "test"
    return "validation" if recording.official_test else "train"


def _fsdd_clip(path: Path) -> Tensor:
    """One recording at the common level and length, (SAMPLES,)."""
    try:
        return fit_length(normalise_level(read_audio(path, RATE)), SAMPLES)
    except AudioError as error:
        raise DataDamagedError(f"{path} cannot be used: {error}") from error

"""The Free Spoken Digit Dataset: ten words, six speakers, fifty takes of each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import torch

from mmbook.datasets.collections import LabelledAudio
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import archive
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.real.files import check_unique, list_files, read_audio_files, warn_missing
from mmbook.datasets.splits import check_split

_FSDD_COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
FSDD = RealSet(
    name="fsdd",
    splits=("train", "test"),
    title="Free Spoken Digit Dataset",
    what="3000 spoken English digits, 6 speakers, 50 takes of each, 8 kHz. Official split: takes "
    "5-49 train (2700), 0-4 test (300), by the same speakers; `held_out` splits by speaker.",
    teaches="speech recognition, and why a split by speaker is another question",
    size="16 MB to download, 21 MB unpacked",
    licence="CC BY-SA 4.0",
    homepage="https://github.com/Jakobovski/free-spoken-digit-dataset",
    citations=("jackson2018free",),
    folder="free-spoken-digit-dataset/recordings",
    layout="files {digit}_{speaker}_{take}.wav",
    sources=(
        Source(
            archive("Jakobovski/free-spoken-digit-dataset", _FSDD_COMMIT),
            "free-spoken-digit-dataset.zip",
            contents=Contents(
                "free-spoken-digit-dataset/recordings",
                size=21_128_848,
                sha256="1801eae019c063377d98f831d3f93574f259475df7332bb0e3d1b080fb5e6959",
                files=3000,
                inside=f"free-spoken-digit-dataset-{_FSDD_COMMIT}/recordings",
            ),
        ),
    ),
)

RATE = 8000
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
OFFICIAL_TEST_TAKES = 5  # takes 0-4 of every digit and speaker
_NAME = re.compile(r"([0-9])_([^_]+)_([0-9]+)")


@dataclass(frozen=True)
class Recording:
    """One file {digit}_{speaker}_{take}.wav."""

    path: Path
    digit: int
    speaker: str
    take: int

    @property
    def official_test(self) -> bool:
        """Whether the publisher's split has it in the test set."""
        return self.take < OFFICIAL_TEST_TAKES


def list_recordings() -> list[Recording]:
    """Every recording of the set, by name; .WAV is .wav.

    Raises DataMissingError, or DataDamagedError where there is none or one is there twice; warns
    where one is not there although its digit, its speaker and its take are.
    """
    folder = FSDD.locate()
    recordings = [_recording(path) for path in list_files(folder, ".wav")]
    if not recordings:
        raise DataDamagedError(f"{folder} holds no recordings such as 0_george_0.wav")
    there: set[str] = set()
    for entry in recordings:
        check_unique(f"{entry.digit}_{entry.speaker}_{entry.take}", there, str(entry.path))
    parts = zip(*((entry.digit, entry.speaker, entry.take) for entry in recordings), strict=True)
    expected = ("_".join(map(str, entry)) for entry in product(*map(sorted, map(set, parts))))
    missing = [f"{name}.wav" for name in expected if name not in there]
    warn_missing(folder, missing, FSDD.way)
    return recordings


def _recording(path: Path) -> Recording:
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise DataDamagedError(f"{path} is not named digit_speaker_take.wav, as 0_george_0.wav")
    return Recording(path, int(match[1]), match[2], int(match[3]))


def load_recordings(split: str, *, held_out: Sequence[str] = ()) -> LabelledAudio:
    """Spoken English digits at 8 kHz; `origins` are the speakers.

    split: "train" or "test". Without `held_out` it is the publisher's: takes 5-49 and 0-4 of the
    same six speakers. held_out: the names of test speakers; all others are for training, so that
    the test is of voices never heard. Raises ValueError where a speaker is unknown.
    """
    check_split(split, ("train", "test"))
    recordings = list_recordings()
    speakers = {recording.speaker for recording in recordings}
    if set(held_out) - speakers:
        unknown = sorted(set(held_out) - speakers)
        raise ValueError(f"there is no speaker {unknown}; there are {sorted(speakers)}")
    chosen = [
        recording
        for recording in recordings
        if (recording.speaker in held_out if held_out else recording.official_test)
        == (split == "test")
    ]
    if not chosen:
        raise ValueError(f"nothing is left for {split!r} where {sorted(held_out)} are held out")
    files = tuple(recording.path for recording in chosen)
    waveforms, lengths = read_audio_files(files, RATE, what=FSDD.title)
    return LabelledAudio(
        waveforms=waveforms,
        lengths=lengths,
        labels=torch.tensor([recording.digit for recording in chosen]),
        texts=tuple(WORDS[recording.digit] for recording in chosen),
        origins=tuple(recording.speaker for recording in chosen),
        files=files,
        classes=WORDS,
        rate=RATE,
    )

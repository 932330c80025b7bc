"""ESC-10: environmental sounds of five seconds in ten classes, arranged in folds."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import torch

from mmbook.datasets.collections import LabelledAudio
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import archive
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.real.files import list_files, read_audio_files, warn_left_out, warn_missing
from mmbook.datasets.splits import check_split

_ESC_10_COMMIT = "553c8f1743b9dba6b282e1323c3ca8fa76923448"
ESC_10 = RealSet(
    name="esc-10",
    splits=("train", "test"),
    title="ESC-10",
    what="Environmental sounds of 5 s in ten classes, 80 clips a fold. Clips of one recording are "
    "in one fold; `fold` chooses the test set.",
    teaches="sounds that are not speech, and noise to hear speech through",
    size="41 MB as published (44.1 kHz), 9 MB at 16 kHz",
    licence="CC BY 3.0, single clips CC0; a credit each in the publisher's README",
    homepage="https://github.com/karolpiczak/ESC-10",
    citations=("piczak2015esc",),
    figures=("people recognise 95.7 % of the clips {cite:p}`piczak2015esc`",),
    folder="ESC-10",
    layout="folders of classes with files {fold}-{recording}-{take}.ogg",
    sources=(
        Source(
            archive("karolpiczak/ESC-10", _ESC_10_COMMIT),
            "ESC-10.zip",
            contents=Contents(
                "ESC-10",
                size=41_493_576,
                files=400,
                inside=f"ESC-10-{_ESC_10_COMMIT}",
                pattern="*.ogg",
            ),
        ),
    ),
)

SECONDS = 5.0
_NAME = re.compile(r"(?P<fold>\d+)-(?P<recording>[^-]+)-(?P<take>[^-]+)")
_NUMBER = re.compile(r"^\d+\s*-\s*")  # the publisher's folders are "001 - Dog bark"


def load_esc10(split: str, *, fold: int = 1, rate: int = 16_000) -> LabelledAudio:
    """Environmental sounds; `origins` are the recordings that clips were cut from.

    split: "train" or "test". fold: the one that is the test set; the others train. The publisher
    put all clips of one recording into one fold. rate: in Hz, to which the clips are resampled.
    Clips longer than 5 s are cut there. Raises ValueError for an unknown fold.
    """
    check_split(split, ("train", "test"))
    folder = ESC_10.locate()
    folds: dict[int, list[Path]] = defaultdict(list)
    for path in _clips(folder):
        folds[int(_parts(path)["fold"])].append(path)
    if fold not in folds:
        raise ValueError(f"there is no fold {fold}; there are {sorted(folds)}")
    names = sorted({_class(path) for paths in folds.values() for path in paths})
    files = tuple(
        path
        for number, paths in sorted(folds.items())
        if (number == fold) == (split == "test")
        for path in paths
    )
    waveforms, lengths = read_audio_files(files, rate, seconds=SECONDS, what=ESC_10.title)
    return LabelledAudio(
        waveforms=waveforms,
        lengths=lengths,
        labels=torch.tensor([names.index(_class(path)) for path in files], dtype=torch.int64),
        texts=tuple(_class(path).replace("_", " ") for path in files),
        origins=tuple(_parts(path)["recording"] for path in files),
        files=files,
        classes=tuple(names),
        rate=rate,
    )


def _clips(folder: Path) -> list[Path]:
    """The clips of all classes; warns where a fold has fewer of one than of another.

    Raises DataDamagedError where there is none, or one has another name.
    """
    warn_left_out(list_files(folder, ".ogg"), "is in no folder of a class")
    classes = sorted(path for path in folder.glob("*") if path.is_dir())
    clips = [path for place in classes for path in list_files(place, ".ogg")]
    if not clips:
        raise DataDamagedError(f"{folder} holds no sounds such as rooster/1-26806-A.ogg")
    counts = Counter((_parts(path)["fold"], path.parent.name) for path in clips)
    most, folds = max(counts.values()), sorted({fold for fold, _ in counts})
    missing = [
        f"one of {place.name}, fold {fold}"
        for place in classes
        for fold in folds
        for _ in range(most - counts[fold, place.name])
    ]
    warn_missing(folder, missing, ESC_10.way)
    return clips


def _parts(path: Path) -> dict[str, str]:
    """Fold, recording and take of a file {fold}-{recording}-{take}.ogg."""
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise DataDamagedError(f"{path} is not named fold-recording-take.ogg")
    return match.groupdict()


def _class(path: Path) -> str:
    """The class that a file's folder names."""
    return _NUMBER.sub("", path.parent.name).lower().replace(" ", "_")

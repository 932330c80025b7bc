"""easy-VQA: questions about images of one coloured shape."""

from typing import Any

import torch

from mmbook.datasets.collections import QuestionedImages
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import archive
from mmbook.datasets.fetching.sources import Contents, Source
from mmbook.datasets.real.files import (
    list_files,
    read_image_files,
    read_json,
    read_text,
    warn_left_out,
)
from mmbook.datasets.splits import check_limit, check_split

_EASY_VQA_COMMIT = "3b553bb7ff42a868d5f4cbe8c88255d7333c3c31"
EASY_VQA = RealSet(
    name="easy-vqa",
    splits=("train", "test"),
    title="easy-VQA",
    what="5000 images of one coloured shape, 64 × 64 pixels, 48 248 questions, 13 answers. "
    "Official split: 4000 images train (38 575 questions), 1000 test (9673).",
    teaches="answering questions about images, and how far the question alone leads",
    size="5 MB",
    licence="MIT",
    homepage="https://github.com/vzhou842/easy-VQA",
    citations=("zhou2019easy",),
    folder="easy-vqa",
    layout="data/answers.txt, data/train and data/test with questions.json and images/*.png",
    sources=(
        Source(
            archive("vzhou842/easy-VQA", _EASY_VQA_COMMIT),
            "easy-VQA.zip",
            contents=Contents(
                "easy-vqa/data",
                size=4_522_613,
                sha256="9b5abf4e70713058370254dbb3ca3f2974f48a3d9eef96488dcf112647cd8fc7",
                files=5004,
                inside=f"easy-VQA-{_EASY_VQA_COMMIT}/easy_vqa/data",
            ),
        ),
    ),
)


def load_easy_vqa(split: str, *, size: int = 64, limit: int | None = None) -> QuestionedImages:
    """Questions about a shape and its colour, in the publisher's split: "train" or "test".

    size: of the images, in pixels; 64 is the publisher's. limit: only so many images, the
    first ones, with their questions.
    """
    check_split(split, ("train", "test"))
    check_limit(limit)
    classes = tuple(line for line in read_text(EASY_VQA.part("data/answers.txt")) if line)
    path = EASY_VQA.part(f"data/{split}/questions.json")
    entries = read_json(path)
    if not isinstance(entries, list):
        raise DataDamagedError(f"{path} should hold a list of questions")
    for number, entry in enumerate(entries):
        _check(entry, classes, f"{path}, entry {number}")
    names = sorted({entry[2] for entry in entries})
    folder = path.parent / "images"
    asked_of = {f"{name}.png" for name in names}
    unasked = [file for file in list_files(folder, ".png") if file.name not in asked_of]
    warn_left_out(unasked, f"is in no question of {path}")
    names = names[:limit]
    rows = {name: row for row, name in enumerate(names)}
    asked = [entry for entry in entries if entry[2] in rows]
    return QuestionedImages(
        image_rows=torch.tensor([rows[entry[2]] for entry in asked], dtype=torch.int64),
        questions=tuple(entry[0] for entry in asked),
        answers=tuple(entry[1] for entry in asked),
        answer_ids=torch.tensor([classes.index(entry[1]) for entry in asked], dtype=torch.int64),
        images=read_image_files(
            [folder / f"{name}.png" for name in names], size, what=EASY_VQA.title
        ),
        classes=classes,
    )


def _check(entry: Any, classes: tuple[str, ...], place: str) -> None:
    """An entry is [question, answer, number of the image]."""
    if (
        not isinstance(entry, list)
        or len(entry) != 3
        or not all(isinstance(part, str) for part in entry[:2])
        or type(entry[2]) is not int
    ):
        raise DataDamagedError(f"{place}: should be [question, answer, image], is {entry!r:.80}")
    if entry[1] not in classes:
        raise DataDamagedError(f"{place}: the answer {entry[1]!r} is not in answers.txt")

"""easy-VQA: questions about images of one coloured shape."""

from typing import Any

import torch

from mmbook.datasets.collections import QuestionedImages
from mmbook.datasets.real.base import DataDamagedError
from mmbook.datasets.real.files import read_image_files, read_json, read_text
from mmbook.datasets.real.real_sets import EASY_VQA
from mmbook.datasets.splits import check_split


def load_easy_vqa(split: str, *, size: int = 64, limit: int | None = None) -> QuestionedImages:
    """Questions about a shape and its colour, in the publisher's split: "train" or "test".

    size: of the images, in pixels; 64 is the publisher's. limit: only so many images, the
    first ones, with their questions.
    """
    check_split(split, ("train", "test"))
    classes = tuple(line for line in read_text(EASY_VQA.part("data/answers.txt")) if line)
    path = EASY_VQA.part(f"data/{split}/questions.json")
    entries = read_json(path)
    if not isinstance(entries, list):
        raise DataDamagedError(f"{path} should hold a list of questions")
    for number, entry in enumerate(entries):
        _check(entry, classes, f"{path}, entry {number}")
    names = sorted({entry[2] for entry in entries})[:limit]
    rows = {name: row for row, name in enumerate(names)}
    asked = [entry for entry in entries if entry[2] in rows]
    folder = path.parent / "images"
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

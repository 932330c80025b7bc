"""Pictures as a network reads them, and as vectors: many files, few in memory at a time."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from mmbook.cli.files import IMAGES, find_files, printable, reason
from mmbook.models.retrieval import ImageSearch, SquareImage

BATCH = 256  # pictures that are encoded together
PAUSE = 10.0  # seconds between two lines of progress, where stderr is no terminal


@dataclass
class Pictures:
    """The pictures that could be read.

    paths: their files, each once. vectors: (pictures, space), unit length. unreadable: how many
    inputs could not be used.
    """

    paths: list[Path] = field(default_factory=list)
    vectors: Tensor = field(default_factory=lambda: torch.empty(0, 0))
    unreadable: int = 0


def read_pictures(model: ImageSearch, inputs: Iterable[Path]) -> Pictures:
    """Encode the pictures that are named, or lie in folders that are.

    What cannot be read is named on stderr, and the rest is done. A file that is named twice counts
    once. In memory are one picture in full, BATCH as the network reads them, and all vectors.
    """
    found = Pictures()
    parts: list[Tensor] = []
    waiting: list[Tensor] = []
    for path, picture in each_picture(model.config.image, inputs):
        if isinstance(picture, str):
            found.unreadable += 1
            say(f"error: {printable(path)}: {picture}")
            continue
        waiting.append(picture)
        found.paths.append(path)
        if len(waiting) == BATCH:
            parts.append(model.embed_images(torch.stack(waiting)))
            waiting.clear()
    if waiting:
        parts.append(model.embed_images(torch.stack(waiting)))
    if parts:
        found.vectors = torch.cat(parts)
    return found


def each_picture(image: SquareImage, inputs: Iterable[Path]) -> Iterator[tuple[Path, Tensor | str]]:
    """The files that are meant, each with what a network reads of it, or why there is nothing.

    image: reads a file. A file that is named twice counts once. The progress is on stderr.
    """
    for path, problem in watched(list(meant_once(inputs))):
        try:
            if problem:
                raise problem
            picture = image(path)
        except (ValueError, OSError) as error:
            picture = printable(reason(error, path))
        yield path, picture


def meant_once(inputs: Iterable[Path]) -> Iterator[tuple[Path, Exception | None]]:
    """What `find_files` finds, each file once, under the first of its names."""
    known: set[str] = set()
    for path, problem in find_files(inputs, IMAGES):
        if (place := os.path.realpath(path)) not in known:
            known.add(place)
            yield path, problem


def watched(
    found: list[tuple[Path, Exception | None]],
) -> Iterator[tuple[Path, Exception | None]]:
    """The same, with the progress on stderr: a bar in a terminal, else a line now and then."""
    if sys.stderr is not None and sys.stderr.isatty():
        yield from tqdm(found, desc="pictures", unit="", leave=False)
        return
    last = time.monotonic()
    for number, item in enumerate(found):
        if time.monotonic() - last >= PAUSE:
            last = time.monotonic()
            say(f"{number:,} of {len(found):,} pictures are read")
        yield item


def say(text: str) -> None:
    """A line on stderr, above the bar where there is one."""
    tqdm.write(text, file=sys.stderr)

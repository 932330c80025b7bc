"""Pictures as a network reads them, and as vectors: many files, few in memory at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from mmbook.cli.files import IMAGES, meant_once, printable, reason
from mmbook.cli.progress import say, watched
from mmbook.models.retrieval import ImageSearch, SquareImage

BATCH = 256  # pictures that are encoded together


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
    for path, problem in watched(list(meant_once(inputs, IMAGES)), "pictures"):
        try:
            if problem:
                raise problem
            picture = image(path)
        except (ValueError, OSError) as error:
            picture = printable(reason(error, path))
        yield path, picture

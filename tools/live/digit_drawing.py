"""Digits drawn from words as a page runs it: characters and noise go in, drawings come out."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.datasets.small.spoken_digits import CHINESE, ENGLISH
from mmbook.models.drawing import Drawing
from mmbook.preprocessing.text.special import FIRST

LENGTH = 8  # characters of a word at most
DRAWINGS = 8  # of a run


class WordDrawer(nn.Module):
    """A `Drawing` behind one tensor.

    values: (LENGTH + DRAWINGS · noise,), ids of characters, 0 behind a word's end, then normal
    noise for each drawing. Returns (DRAWINGS, size, size) in [0, 1].
    """

    def __init__(self, model: Drawing) -> None:
        super().__init__()
        self.model = model

    @property
    def shape(self) -> tuple[int]:
        """The shape of what goes in."""
        return (LENGTH + DRAWINGS * self.model.config.noise,)

    def forward(self, values: Tensor) -> Tensor:
        ids = values[:LENGTH].long().expand(DRAWINGS, -1)
        noise = values[LENGTH:].view(DRAWINGS, -1)
        return (self.model({"text": ids}, noise)[:, 0] + 1) / 2


def inputs_of(model: Drawing, word: str, seed: int = 0) -> Tensor:
    """What `WordDrawer` takes for the drawings that `predict` makes of a word and a seed."""
    ids = torch.zeros(LENGTH)
    found = model.tokenizer.encode(word)
    ids[: len(found)] = torch.tensor(found)
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(DRAWINGS, model.config.noise, generator=generator)
    return torch.cat([ids, noise.flatten()])


def page_of(model: Drawing) -> Mapping[str, Any]:
    """What the page needs beside the network: the characters, and the words of training."""
    return {
        "length": LENGTH,
        "drawings": DRAWINGS,
        "noise": model.config.noise,
        "size": model.config.size,
        "first": FIRST,
        "characters": model.config.characters,
        "words": [*ENGLISH, *CHINESE],
    }

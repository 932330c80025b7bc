"""Scenes drawn from sentences as a page runs it: a step of the flow for each run of the network."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.datasets.scenes.words import COLOURS, PLACES, RELATIONS, SHAPES, SIZES, say
from mmbook.models.scene_drawing import SceneDrawing
from mmbook.preprocessing.text.special import FIRST

LENGTH = 17  # words of a sentence on two objects
TABLES = {
    "size": SIZES,
    "colour": COLOURS,
    "shape": SHAPES,
    "place": PLACES,
    "relation": RELATIONS,
}

SHOWN = {  # in the still image
    "en": ("a large yellow star at the top left and a small blue ring at the bottom right",),
    "zh": ("左上方有一个黄色的大五角星，右下方有一个蓝色的小圆环",),
}


class FlowStep(nn.Module):
    """The velocity of a `SceneDrawing` behind one tensor.

    values: (LENGTH + 2 + 3 · size²,), ids of words, 0 behind a sentence's end, then the time, the
    guidance, and the picture so far. Returns (3 · size²,): where the picture flows.
    """

    def __init__(self, model: SceneDrawing) -> None:
        super().__init__()
        self.model = model

    @property
    def shape(self) -> tuple[int]:
        """The shape of what goes in."""
        return (LENGTH + 2 + self.model.config.noise,)

    def forward(self, values: Tensor) -> Tensor:
        ids, time, scale, pixels = values.split([LENGTH, 1, 1, self.model.config.noise])
        tokens = self.model.encoder(ids.long().unsqueeze(0))
        nothing = tokens.masked(torch.zeros(1, dtype=torch.bool))
        x = pixels.view(1, 3, self.model.config.size, self.model.config.size)
        told, untold = (self.model.velocity(said)(x, time) for said in (tokens, nothing))
        return (untold + scale * (told - untold)).flatten()  # as `guided`


def inputs_of(
    model: SceneDrawing, sentence: str, pixels: Tensor, time: float, guidance: float
) -> Tensor:
    """What `FlowStep` takes; pixels: (3 · size²,)."""
    ids = torch.zeros(LENGTH)
    found = model.tokenizer.encode(sentence)
    ids[: len(found)] = torch.tensor(found)
    return torch.cat([ids, torch.tensor([time, guidance]), pixels])


@torch.no_grad()
def forming(model: SceneDrawing, sentence: str, seed: int = 0) -> Tensor:
    """What `predict` draws and all that comes before, (steps + 1, 3, size, size) in [0, 1]."""
    step, config = FlowStep(model).eval(), model.config
    x = torch.randn(config.noise, generator=torch.Generator().manual_seed(seed))
    found = [x]
    for k in range(config.steps):
        velocity = step(inputs_of(model, sentence, x, k / config.steps, config.guidance))
        x = x + velocity / config.steps
        found.append(x)
    pictures = torch.stack(found).view(-1, 3, config.size, config.size)
    return ((pictures + 1) / 2).clamp(0, 1)


def page_of(model: SceneDrawing) -> Mapping[str, Any]:
    """What the page needs beside the network: its words, by kind and in their language."""
    tokenizer = model.config.tokenizer
    return {
        "length": LENGTH,
        "size": model.config.size,
        "steps": model.config.steps,
        "guidance": model.config.guidance,
        "first": FIRST,
        "words": tokenizer.words,
        "language": tokenizer.language,
        "said": {
            part: {word: say(word, tokenizer.language) for word in table}
            for part, table in TABLES.items()
        },
        "unseen": SceneConfig().pairs("test"),
    }

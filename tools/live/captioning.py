"""A captioner as a page runs it: a picture and the words so far go in, the next word comes out.

`assets/live/captions.js` writes a sentence with it, a run a word, as `Captioner.caption` does.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.datasets.scenes.layout import Scene, SceneConfig, draw_scenes
from mmbook.models.captioning import Captioner
from mmbook.models.looking import watched_cross_attention
from mmbook.preprocessing.text.special import BOS, EOS
from tools.live.scene_parts import scene_parts

SCENES = SceneConfig(objects=(1, 4))  # as the experiment has them
SEED = 7  # of the scenes that are offered: none of those that the experiment has
DRAWN = 64  # scenes of each split among which they are


class CaptionWriter(nn.Module):
    """A captioner behind one tensor.

    values: (longest + 3 · size²,), the ids of what is written so far, from bos on, any id behind
    them, then the red, green and blue of a picture in [0, 1]. Returns (longest, vocabulary +
    cells): for the token after each, the probability of every id, and how much each cell of the
    picture was looked at, the mean over layers and heads.
    """

    def __init__(self, model: Captioner) -> None:
        super().__init__()
        self.model = model

    @property
    def shape(self) -> tuple[int]:
        """The shape of what goes in."""
        config = self.model.config
        return (config.longest + 3 * config.image.size**2,)

    def forward(self, values: Tensor) -> Tensor:
        config, decoder = self.model.config, self.model.model
        ids = values[: config.longest].long().unsqueeze(0)
        image = values[config.longest :].view(1, 3, config.image.size, config.image.size)
        with watched_cross_attention(decoder) as seen:
            logits = decoder(self.model.look(image), ids)  # (1, longest, vocabulary)
        looked = torch.cat(seen).mean(dim=(0, 1))  # (longest, cells)
        return torch.cat([logits[0].softmax(dim=-1), looked], dim=-1)


def offered() -> list[Scene]:
    """The scenes of the page, fewest objects first: of each number one of pairs of shape and colour
    that training shows, and one of others."""
    drawn = [
        {len(scene): scene for scene in draw_scenes(SCENES, split, DRAWN, seed=SEED)}
        for split in ("validation", "test")
    ]
    fewest, most = SCENES.objects
    return [scenes[count] for count in range(fewest, most + 1) for scenes in drawn]


def page_of(model: Captioner) -> Mapping[str, Any]:
    """What the page needs beside the network: how tokens are written, and the scenes it offers.

    tokens: of each id, "" for those that a sentence leaves out. blank: between two of them. cells:
    of a picture, row by row. most: shapes in it.
    """
    tokenizer, config = model.tokenizer, model.config
    size = config.image.size
    return {
        **scene_parts(SCENES, offered(), size),
        "language": config.tokenizer.language,
        "longest": config.longest,
        "bos": BOS,
        "eos": EOS,
        "tokens": ["".join(tokenizer.vocabulary.decode([i])) for i in range(len(tokenizer))],
        "blank": tokenizer.blank,
        "cells": model.look(torch.zeros(1, 3, size, size)).values.shape[1],
        "most": SCENES.objects[1],
    }

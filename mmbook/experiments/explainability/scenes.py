"""Scenes of two objects, and the captioner asked for the colour of the first."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmbook.datasets.scenes.collection import load_scenes
from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.datasets.scenes.rendering import coverage
from mmbook.models.captioning import Captioner
from mmbook.models.looking import CaptionWord

GREY = 225 / 255  # the background
CELLS = 8  # rows and columns of the encoder's map


@dataclass(frozen=True, eq=False)
class Questions:
    """Pictures (n, 3, 64, 64) in [0, 1], a caption each, and where the truth lies.

    own, other: (n, 64, 64), how much of a pixel the object asked about and the other one cover.
    near: (n, cells), minus the squared distance of a cell's middle to that of the object.
    """

    pictures: Tensor
    captions: list[str]
    colours: tuple[str, ...]
    own: Tensor
    other: Tensor
    near: Tensor

    def of(self, captioner: Captioner, rows: slice = slice(None)) -> CaptionWord:
        """The captioner, asked for the first colour of each caption."""
        return CaptionWord(captioner, self.captions[rows], self.colours)


def questions(captioner: Captioner, count: int, seed: int) -> Questions:
    """Held-out scenes of two objects of different colours."""
    config = SceneConfig(objects=(2, 2), distinct_colours=True)
    scenes = load_scenes("validation", count=count, seed=seed, config=config)
    pictures, captions = scenes.images / 255, [row[0] for row in scenes.captions["en"]]
    asked = CaptionWord(captioner, captions, config.colours)
    said = captioner.tokenizer.vocabulary.decode(asked.target.tolist())
    side = pictures.shape[-1]
    own, other = torch.zeros(2, count, side, side)
    near = torch.zeros(count, CELLS**2)
    middles = (torch.arange(CELLS) + 0.5) / CELLS
    y, x = torch.meshgrid(middles, middles, indexing="ij")
    for row, (objects, colour) in enumerate(zip(scenes.objects, said, strict=True)):
        for item in objects:
            rows, columns, covered = coverage(item, side)
            target = own if item.colour == colour else other
            target[row, rows, columns] = torch.from_numpy(covered)
            if item.colour == colour:
                near[row] = -((x - item.x) ** 2 + (y - item.y) ** 2).flatten()
    return Questions(pictures, captions, tuple(config.colours), own, other, near)

"""What was measured of pictures before networks learned it: gradients, colours and places."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.images.resampling import resample

CELL, DIRECTIONS = 8, 9
HIGHEST = 0.2  # of a direction in a block, so that one edge does not outshine all others
FAINT = 0.02  # a block whose gradients are all smaller than this stays dark
LEVELS = 4  # of each primary colour
WHITE = LEVELS**3 - 1
LAYOUT = 12  # pixels a side


def gradient_histograms(images: Tensor) -> Tensor:
    """How much light changes in which direction, cell by cell: (n, 3, side, side) uint8 to (n, d).

    Cells have 8 x 8 pixels; a gradient counts in the two nearest of nine directions from 0 to 180
    degrees, in the colour where it is largest. Blocks of 2 x 2 cells have length 1, are cut at 0.2,
    and all of a picture has length 1. Source: Dalal and Triggs (2005).
    """
    x = images.float() / 255
    across = F.pad(x[..., 2:] - x[..., :-2], (1, 1))
    down = F.pad(x[..., 2:, :] - x[..., :-2, :], (0, 0, 1, 1))
    strength = (across**2 + down**2).sqrt()
    colour = strength.argmax(dim=1, keepdim=True)
    across, down, strength = (t.gather(1, colour) for t in (across, down, strength))
    place = torch.atan2(down, across) % math.pi / math.pi * DIRECTIONS
    low = place.floor()
    first = low.long() % DIRECTIONS
    histogram = x.new_zeros(len(x), DIRECTIONS, *x.shape[2:])
    histogram.scatter_add_(1, first, strength * (1 - place + low))
    histogram.scatter_add_(1, (first + 1) % DIRECTIONS, strength * (place - low))
    cells = F.avg_pool2d(histogram, CELL)  # (n, 9, side/8, side/8)
    high, wide = (size - 1 for size in cells.shape[2:])
    blocks = [cells[:, :, i : i + high, j : j + wide] for i in (0, 1) for j in (0, 1)]
    block = torch.cat(blocks, dim=1)  # (n, 36, side/8 - 1, side/8 - 1)
    block = (block / (block.norm(dim=1, keepdim=True) + FAINT)).clamp(max=HIGHEST)
    return F.normalize(block.flatten(1), dim=1)


def colour_histograms(images: Tensor) -> Tensor:
    """How much of each of 64 colours there is: (n, 3, side, side) uint8 to (n, 64) of length 1.

    Square roots, so that small areas count; white, the background, counts a tenth.
    """
    level = images.long() * LEVELS // 256
    number = (level[:, 0] * LEVELS + level[:, 1]) * LEVELS + level[:, 2]
    counts = torch.zeros(len(images), LEVELS**3)
    counts.scatter_add_(1, number.flatten(1), torch.ones(len(images), number[0].numel()))
    counts[:, WHITE] /= 10
    return F.normalize(counts.sqrt(), dim=1)


def layouts(images: Tensor) -> Tensor:
    """What is where: (n, 3, side, side) uint8 to 12 x 12 pixels, without the white, of length 1."""
    small = resample(1 - images.float() / 255, LAYOUT, LAYOUT, "area")
    return F.normalize(small.flatten(1), dim=1)


@dataclass(frozen=True, eq=False)
class HandMade:
    """Hand-made features of all pictures, each (n, ...) with rows of length 1."""

    gradients: Tensor
    colours: Tensor
    places: Tensor

    @classmethod
    def of(cls, images: Tensor) -> "HandMade":
        """All three of (n, 3, side, side) uint8."""
        return cls(gradient_histograms(images), colour_histograms(images), layouts(images))

    def joined(self, colour: float = 1.0, place: float = 0.5) -> Tensor:
        """(n, d) with rows of length 1; gradients weigh 1."""
        parts = [self.gradients, colour * self.colours, place * self.places]
        return torch.cat(parts, dim=1) / math.sqrt(1 + colour**2 + place**2)

    def similarities(self, colour: float, place: float) -> Tensor:
        """(n, n) cosines of what `joined` gives."""
        gradients, colours, places = self._products
        total = 1 + colour**2 + place**2
        return (gradients + colour**2 * colours + place**2 * places) / total

    @cached_property
    def _products(self) -> tuple[Tensor, Tensor, Tensor]:
        parts = (self.gradients, self.colours, self.places)
        first, second, third = (part @ part.T for part in parts)
        return first, second, third

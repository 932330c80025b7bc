"""Features that nobody has to learn: which way brightness rises, counted in cells."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.images.transforms import ImageError
from mmbook.preprocessing.ranges import check_floating


def oriented_gradients(images: Tensor, cell: int = 4, directions: int = 8) -> Tensor:
    """How much brightness rises in each direction in each cell of an image, of length 1.

    images: (n, 1, rows, columns). Returns (n, cells * directions). At each pixel the rise is shared
    out between the two nearest of the directions; a cell is the mean of 2 cell - 1 pixels around
    its middle, divided by the strength of the rises in it and in the cells around. From each cell
    the mean over its directions is taken away: what is left says where, not how much.
    Raises ImageError for other shapes, or a cell or directions below 1.
    Source: after Dalal and Triggs 2005, with signed directions and square means.
    """
    check_floating(images, "images", ImageError)
    if images.ndim != 4 or images.shape[1] != 1 or 0 in images.shape:
        raise ImageError(f"images must be (n, 1, rows, columns), not {tuple(images.shape)}")
    if cell < 1 or directions < 1:
        raise ImageError(f"cell and directions must be at least 1, not {cell} and {directions}")
    across = F.pad(images, (1, 1, 0, 0)).unfold(3, 3, 1)[..., [0, 2]].diff(dim=-1).squeeze(-1)
    down = F.pad(images, (0, 0, 1, 1)).unfold(2, 3, 1)[..., [0, 2]].diff(dim=-1).squeeze(-1)
    rise = torch.hypot(across, down)  # (n, 1, rows, columns)
    angle = torch.atan2(down, across) / (2 * math.pi) * directions
    nth = torch.arange(directions, device=images.device)[:, None, None]
    apart = (angle - nth + directions / 2).remainder(directions) - directions / 2
    shared = rise * (1 - apart.abs()).clamp(min=0)  # (n, directions, rows, columns)
    cells = F.avg_pool2d(shared, 2 * cell - 1, stride=cell, padding=cell - 1)
    strength = cells.norm(dim=1, keepdim=True)
    around = F.avg_pool2d(strength.square(), 3, stride=1, padding=1).sqrt()
    even = cells / (around + 0.02)  # (n, directions, cells down, cells across)
    return F.normalize((even - even.mean(dim=1, keepdim=True)).flatten(1), dim=1)

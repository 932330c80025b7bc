"""Squares cut out of three photographs of surfaces, brick, grass and gravel: what is it made of?

The photographs come inside scikit-image (512 x 512 grey pixels each). Training squares lie in
their left halves and test squares in their right halves, so that no pixel is in both.
"""

import numpy as np
import torch
from skimage import data

from mmbook.batch import Batch

SURFACES = ("brick", "grass", "gravel")
SPLITS = ("train", "test")


def draw_textures(split: str, size: int, *, side: int = 64, seed: int = 0) -> Batch:
    """Draw squares at random; the same seed gives the same draw.

    split: "train" or "test". size: how many. side: in pixels, at most 256.
    Returns "image" (size, 1, side, side) float32 in [0, 1]; targets (size,), places in SURFACES.
    Raises ValueError for another split, size or side.
    """
    photographs = torch.from_numpy(np.stack([getattr(data, name)() for name in SURFACES]))
    rows, columns = photographs.shape[1:]
    if split not in SPLITS or size < 1 or not 1 <= side <= columns // 2:
        raise ValueError(
            f"split must be one of {SPLITS}, size at least 1 and side at most {columns // 2}, "
            f"got {split!r}, {size} and {side}"
        )
    generator = torch.Generator().manual_seed(2 * seed + SPLITS.index(split))
    surface = torch.randint(len(SURFACES), (size,), generator=generator)
    top = torch.randint(rows - side + 1, (size,), generator=generator)
    left = torch.randint(columns // 2 - side + 1, (size,), generator=generator)
    windows = photographs.unfold(1, side, 1).unfold(2, side, 1)  # a view of every square there is
    images = windows[surface, top, left + SPLITS.index(split) * columns // 2]
    return Batch({"image": images[:, None].float() / 255}, {"label": surface})

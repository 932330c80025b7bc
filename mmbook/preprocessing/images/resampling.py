"""Resizing as what it is: every new pixel is a weighted mean of old ones, so it is a matrix."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmbook.preprocessing.images.transforms import ImageError, check_real

Kernel = Callable[[Tensor, Tensor], Tensor]

# How much an old pixel counts, from its offset (old place - place read) and the scale (old pixels
# to one new pixel, at least 1).
KERNELS: dict[str, Kernel] = {
    "nearest": lambda offset, scale: ((offset > -0.5) & (offset <= 0.5)).to(offset),
    "bilinear": lambda offset, scale: (1 - offset.abs()).clamp(min=0),
    "area": lambda offset, scale: ((scale + 1) / 2 - offset.abs()).clamp(min=0, max=1),
    "antialias": lambda offset, scale: (1 - offset.abs() / scale).clamp(min=0),
}


def resize_matrices(source: int, target: int, method: str, start: Tensor, length: Tensor) -> Tensor:
    """One matrix a sample that reads `target` new pixels out of a line of `source` old ones.

    New pixel i covers a stretch of old ones around start + (i + 1/2) length / target - 1/2: pixels
    are little squares, and their centres, not their edges, lie on whole numbers.
    start, length: (n,), the stretch of the line that is read, in old pixels and inside the line;
    a negative length reads backwards. method: a name of KERNELS; "nearest" and "bilinear" look at
    one and two old pixels whatever the scale, "area" and "antialias" at all that are covered.
    Returns (n, target, source), rows that sum to one. Raises ImageError on another method or size.
    """
    if method not in KERNELS or min(source, target) < 1:
        raise ImageError(
            f"the method must be one of {', '.join(KERNELS)} and the sizes at least 1, "
            f"got {method!r}, {source} and {target}"
        )
    start, length = start.double()[:, None, None], length.double()[:, None, None]
    new, old = (torch.arange(n, device=start.device).double() for n in (target, source))
    read = start + (new[:, None] + 0.5) * length / target - 0.5  # (n, target, 1)
    offset = (old - read.clamp(0, source - 1)).float()  # exact up to here: half way is half way
    weights = KERNELS[method](offset, (length / target).abs().clamp(min=1).float())
    return weights / weights.sum(-1, keepdim=True)  # (n, target, source)


def resample(images: Tensor, height: int, width: int, method: str = "antialias") -> Tensor:
    """Resize a batch on its device: new = rows · old · columns^T.

    images: (n, channels, rows, columns) float. method: as in `resize_matrices`.
    Returns (n, channels, height, width). Differentiable. Agrees with OpenCV's INTER_NEAREST_EXACT,
    INTER_LINEAR and, where it shrinks, INTER_AREA, and with torch's antialiased `interpolate`.
    """
    check_real(images)
    rows, columns = (
        resize_matrices(old, new, method, torch.zeros(1), torch.tensor([float(old)])).to(images)
        for old, new in zip(images.shape[-2:], (height, width), strict=True)
    )
    return rows @ images @ columns.mT

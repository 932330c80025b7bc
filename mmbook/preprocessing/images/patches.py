"""An image as a sequence: squares cut out in reading order, each of them one token."""

import math

from torch import Tensor

from mmbook.preprocessing.images.transforms import ImageError, check_shape


def to_patches(images: Tensor, size: int) -> Tensor:
    """Cut images into squares, row by row, and write each as a vector: a sequence of tokens.

    images: (n, channels, height, width), sides that `size` divides.
    Returns (n, height / size · width / size, channels · size · size).
    """
    channels, rows, columns = check_shape(images).shape[1:]
    if size < 1 or rows % size or columns % size:
        raise ImageError(f"patches of {size} do not fill images of {rows} x {columns}")
    squares = images.unfold(2, size, size).unfold(3, size, size)  # (n, c, h, w, size, size)
    return squares.permute(0, 2, 3, 1, 4, 5).reshape(
        len(images), rows // size * (columns // size), channels * size * size
    )


def from_patches(patches: Tensor, channels: int, height: int, width: int) -> Tensor:
    """The inverse of `to_patches`: (n, count, channels · size · size) to images.

    Raises ImageError where such patches do not fill such images.
    """
    n, count, length = patches.shape
    size = max(1, math.isqrt(length // channels))
    shape = (height // size * (width // size), channels * size * size)
    if (count, length) != shape or height % size or width % size:
        raise ImageError(
            f"{count} patches of {length} numbers do not make {channels} x {height} x {width}"
        )
    squares = patches.reshape(n, height // size, width // size, channels, size, size)
    return squares.permute(0, 3, 1, 4, 2, 5).reshape(n, channels, height, width)

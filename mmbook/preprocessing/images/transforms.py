"""Step 1 for images: pixels become a tensor of one size that a network can read."""

import math
from collections.abc import Callable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.ranges import check_floating, finite_samples, per_sample


class ImageError(ValueError):
    """An image that cannot be used; the message says which, why, and what would be right."""


def resize_image(image: NDArray, height: int, width: int) -> NDArray:
    """Bring one image to a size: averaging along axes that shrink, cubic along those that grow.

    image: (rows, columns) or (rows, columns, 3), uint8 or floating point in [0, 1].
    Returns (height, width[, 3]) of the same type; cubic overshoot is cut off.
    """
    check_image(image, height, width)
    rows, columns = image.shape[:2]
    if height < rows or width < columns:
        small = (min(width, columns), min(height, rows))  # OpenCV wants the width first
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    if height > rows or width > columns:
        highest = 255 if image.dtype == np.uint8 else 1
        grown = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
        image = grown.clip(0, highest).astype(image.dtype)
    return image


def resize(images: NDArray, size: int) -> NDArray:
    """Bring images of one shape to size x size pixels, each as `resize_image` does.

    images: (n, height, width) or (n, height, width, 3), uint8 or floating point in [0, 1].
    Returns (n, size, size[, 3]) of the same type.
    """
    _check_batch(images)
    if 0 in images.shape or size < 1:
        raise ImageError(
            f"images must be (n, height, width[, 3]), none of them 0, and the size at least 1; "
            f"got {images.shape} and {size}"
        )
    return np.stack([resize_image(image, size, size) for image in images])


def stretch(image: NDArray, size: int) -> NDArray:
    """Make an image square by force: everything stays, but circles become ellipses."""
    return resize_image(image, size, size)


def centre_crop(image: NDArray, size: int) -> NDArray:
    """Cut the largest square out of the middle and resize it: shapes stay, the edges go.

    Where the edges are an odd number of pixels, one more goes at the bottom or the right.
    """
    check_image(image, size, size)
    rows, columns = image.shape[:2]
    side = min(rows, columns)
    top, left = (rows - side) // 2, (columns - side) // 2
    return resize_image(image[top : top + side, left : left + side], size, size)


def letterbox(image: NDArray, size: int, fill: float = 0) -> tuple[NDArray, NDArray[np.bool_]]:
    """Bring the long side to `size` and fill up: everything stays, and the mask says where it is.

    image: (rows, columns[, 3]). Returns (size, size[, 3]) of the same type, and (size, size) bool,
    true where there is image and false where there is filler. fill: a value of a pixel.
    """
    check_image(image, size, size)
    highest = highest_value(image)
    if not 0 <= fill <= highest or (highest == 255 and fill % 1):
        raise ImageError(f"the fill must be a pixel between 0 and {highest}, got {fill}")
    rows, columns = image.shape[:2]
    scale = size / max(rows, columns)
    height, width = (min(size, max(1, round(side * scale))) for side in (rows, columns))
    top, left = (size - height) // 2, (size - width) // 2
    inside = (slice(top, top + height), slice(left, left + width))
    square = np.full((size, size, *image.shape[2:]), fill, image.dtype)
    square[inside] = resize_image(image, height, width)
    mask = np.zeros((size, size), bool)
    mask[inside] = True
    return square, mask


def check_image(image: NDArray, height: int, width: int) -> None:
    """Raise ImageError unless an image is (rows, columns[, 3]) and can have the size wanted.

    Its pixels are bytes (uint8), or float32 or float64 between 0 and 1.
    """
    if image.ndim not in (2, 3) or 0 in image.shape or min(height, width) < 1:
        raise ImageError(
            f"an image must be (height, width[, 3]) and the size wanted at least 1 x 1; "
            f"got {image.shape} and {height} x {width}"
        )
    if image.ndim == 3 and image.shape[2] != 3:
        hint = "; the channels are first: use np.moveaxis(image, 0, -1)" * (image.shape[0] == 3)
        raise ImageError(f"an image must be (height, width[, 3]), got {image.shape}{hint}")
    if highest_value(image) == 1 and not (image.min() >= 0 and image.max() <= 1):  # NaN fails too
        raise ImageError(
            f"pixels of the type {image.dtype} must lie between 0 and 1, these lie between "
            f"{image.min()} and {image.max()}: divide bytes by 255"
        )


def highest_value(image: NDArray) -> int:
    """The value of a white pixel of the image's type; ImageError where it is no such type."""
    if image.dtype == np.uint8:
        return 255
    if image.dtype in (np.float32, np.float64):
        return 1
    raise ImageError(
        f"pixels must be bytes (uint8) or float32 between 0 and 1, got the type {image.dtype}"
    )


def _check_batch(images: NDArray) -> None:
    """Raise ImageError unless images are (n, height, width) or (n, height, width, 3).

    One image in colour has three axes too. It is told from grey ones by its last axis, of 1, 3 or
    4 channels: only square grey images may be so narrow.
    """
    shape = images.shape
    if images.ndim not in (3, 4) or (images.ndim == 4 and shape[3] != 3):
        raise ImageError(f"images must be (n, height, width[, 3]), got {shape}")
    if images.ndim == 3 and shape[2] in (1, 3, 4) and shape[1] != shape[2]:
        raise ImageError(
            f"images must be (n, height, width[, 3]), got {shape}, which looks like one image "
            f"with {shape[2]} channels: use image[None] for one, or leave out the axis of grey ones"
        )


# How an image of any shape becomes a square one: each takes it and the size.
FITS: dict[str, Callable[[NDArray, int], NDArray]] = {
    "stretch": stretch,
    "crop": centre_crop,
    "letterbox": lambda image, size: letterbox(image, size)[0],
}


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Turn bytes into numbers between 0 and 1, with the channels first.

    images: (n, height, width) or (n, height, width, 3) uint8.
    Returns (n, 1 or 3, height, width) float32.
    """
    if images.dtype != np.uint8:
        raise ImageError(f"pixels must be bytes (uint8), got {images.dtype}")
    _check_batch(images)
    pixels = torch.from_numpy(np.ascontiguousarray(images))  # a view may run backwards
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.movedim(-1, 1)
    return check_images(pixels.float() / 255)


def check_shape(images: Tensor) -> Tensor:
    """Return a batch of images unchanged if its shape is (n, 1 or 3, height, width).

    Raises ImageError that says what is wrong, and what would be right.
    """
    shape = tuple(images.shape)
    if images.ndim != 4:
        raise ImageError(f"images must be (n, channels, height, width), got the shape {shape}")
    if shape[1] not in (1, 3):
        hint = "; the channels are last: use movedim(-1, 1)" if shape[3] in (1, 3) else ""
        raise ImageError(f"images must have 1 or 3 channels, got {shape[1]} in {shape}{hint}")
    if 0 in shape[2:]:
        raise ImageError(f"images must have pixels, got the shape {shape}")
    return images


def check_real(images: Tensor) -> Tensor:
    """Return a batch of images unchanged if its shape is right and it is floating point.

    Raises ImageError as `check_shape` does, and for bytes.
    """
    check_shape(images)
    if not images.is_floating_point():
        raise ImageError(f"images must be floating point, got {images.dtype}: use to_tensor")
    return images


def check_unit(values: Tensor) -> Tensor:
    """Return values unchanged if they are floating point in [0, 1], of any shape; else ImageError.

    A thousandth beyond is let pass, for what rounding and interpolation add.
    """
    check_floating(values, "the values of pixels", ImageError)
    low, high = values.aminmax() if values.numel() else (0, 0)
    if not (low >= -1e-3 and high <= 1 + 1e-3):  # NaN fails too
        raise ImageError(
            "the values of pixels must lie between 0 and 1, these lie between "
            f"{float(low):g} and {float(high):g}: divide bytes by 255"
        )
    return values


def check_images(images: Tensor) -> Tensor:
    """Return a batch of images unchanged if a network can read it.

    images: (n, channels, height, width) float, 1 or 3 channels.
    Raises ImageError where the shape or type is another, or a pixel is NaN or infinite.
    """
    check_real(images)
    finite = finite_samples(images)
    if not finite.all():
        first = int((~finite).nonzero()[0])
        raise ImageError(f"image {first} of {len(images)} holds pixels that are NaN or infinite")
    return images


def add_noise(images: Tensor, sigma: float | Tensor, generator: torch.Generator) -> Tensor:
    """Add Gaussian noise to every pixel; nothing is cut off.

    images: (n, channels, height, width). sigma: standard deviation, scalar or (n,).
    """
    check_images(images)
    sigmas = per_sample(sigma, len(images), "sigma", low=0).to(images)
    noise = torch.randn(images.shape, generator=generator, device=generator.device)
    return images + noise.to(images) * sigmas[:, None, None, None]


def blur(images: Tensor, sigma: float | Tensor) -> Tensor:
    """Blur images with a Gaussian that reaches four standard deviations; edges are repeated.

    A Gaussian is separable, and a blur along one axis is linear, so it is a matrix: B x B^T.
    images: (n, channels, height, width). sigma: in pixels, scalar or (n,); 0 changes nothing.
    """
    check_images(images)
    sigmas = per_sample(sigma, len(images), "sigma", low=0).to(images)
    rows = _blur_matrix(sigmas, images.shape[-2])[:, None]  # (n, 1, height, height)
    columns = _blur_matrix(sigmas, images.shape[-1])[:, None]  # (n, 1, width, width)
    return rows @ images @ columns.mT


def _blur_matrix(sigma: Tensor, length: int) -> Tensor:
    """One matrix a sample that blurs a line of pixels, (n,) -> (n, length, length)."""
    reach = math.ceil(4 * float(sigma.max())) if len(sigma) else 0
    offsets = torch.arange(-reach, reach + 1, device=sigma.device)
    weights = torch.exp(-0.5 * (offsets / sigma.clamp(min=1e-6)[:, None]) ** 2)
    weights = weights / weights.sum(1, keepdim=True)  # (n, offsets)
    line = torch.arange(length, device=sigma.device)
    source = (line[:, None] + offsets).clamp(0, length - 1)  # (length, offsets)
    shape = (len(sigma), *source.shape)
    matrix = sigma.new_zeros(len(sigma), length, length)
    return matrix.scatter_add_(2, source.expand(shape), weights[:, None].expand(shape))

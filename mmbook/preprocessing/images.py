"""Step 1 for pictures: a file becomes pixels, pixels become a tensor that a network can read."""

import math
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.ranges import per_sample


class ImageError(ValueError):
    """A picture that cannot be used; the message says which, why, and what would be right."""


def read_image(path: Path | str, *, grey: bool = False) -> NDArray[np.uint8]:
    """Read a picture file.

    Returns (height, width, 3) in the order red, green, blue, or (height, width) where `grey`.
    Raises ImageError where the file is missing, empty or no picture.
    """
    try:
        content = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise ImageError(f"cannot read the picture {path}: {error.strerror}") from error
    if content.size == 0:
        raise ImageError(f"the picture {path} is an empty file (0 bytes)")
    pixels = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
    if pixels is None:
        raise ImageError(
            f"{path} is no picture that OpenCV can decode ({content.size} bytes): "
            "a PNG or JPEG file was expected, perhaps its download broke off"
        )
    pixels = pixels if grey else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return np.asarray(pixels, dtype=np.uint8)


def resize(images: NDArray, size: int) -> NDArray:
    """Bring pictures to size x size pixels: cubic when they grow, averaging when they shrink.

    images: (n, height, width) or (n, height, width, 3), uint8 or float32 in [0, 1].
    Returns (n, size, size[, 3]) of the same type; cubic overshoot is cut off.
    """
    if images.ndim not in (3, 4) or 0 in images.shape or size < 1:
        raise ImageError(
            f"pictures must be (n, height, width[, 3]), none of them 0, and the size at least 1; "
            f"got {images.shape} and {size}"
        )
    grows = size > min(images.shape[1:3])
    method = cv2.INTER_CUBIC if grows else cv2.INTER_AREA
    resized = np.stack([cv2.resize(image, (size, size), interpolation=method) for image in images])
    highest = 255 if images.dtype == np.uint8 else 1
    return resized.clip(0, highest).astype(images.dtype)


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Turn bytes into numbers between 0 and 1, with the channels first.

    images: (n, height, width) or (n, height, width, 3) uint8.
    Returns (n, 1 or 3, height, width) float32.
    """
    if images.dtype != np.uint8:
        raise ImageError(f"pixels must be bytes (uint8), got {images.dtype}")
    pixels = torch.from_numpy(images)
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.movedim(-1, 1)
    return check_pictures(pixels.float() / 255)


def check_pictures(pictures: Tensor) -> Tensor:
    """Return a batch of pictures unchanged if a network can read it.

    pictures: (n, channels, height, width) float, 1 or 3 channels.
    Raises ImageError where the shape or type is another, or a pixel is NaN or infinite.
    """
    shape = tuple(pictures.shape)
    if pictures.ndim != 4:
        raise ImageError(f"pictures must be (n, channels, height, width), got the shape {shape}")
    if shape[1] not in (1, 3):
        hint = "; the channels are last: use movedim(-1, 1)" if shape[3] in (1, 3) else ""
        raise ImageError(f"pictures must have 1 or 3 channels, got {shape[1]} in {shape}{hint}")
    if not pictures.is_floating_point():
        raise ImageError(f"pictures must be floating point, got {pictures.dtype}: use to_tensor")
    finite = torch.isfinite(pictures).flatten(1).all(1) if pictures.numel() else torch.ones(1)
    if not finite.all():
        first = int((~finite).nonzero()[0])
        raise ImageError(f"picture {first} of {shape[0]} holds pixels that are NaN or infinite")
    return pictures


def add_noise(pictures: Tensor, sigma: float | Tensor, generator: torch.Generator) -> Tensor:
    """Add Gaussian noise to every pixel; nothing is cut off.

    pictures: (n, channels, height, width). sigma: standard deviation, scalar or (n,).
    """
    check_pictures(pictures)
    sigmas = per_sample(sigma, len(pictures), "sigma", low=0).to(pictures)
    noise = torch.randn(pictures.shape, generator=generator, device=generator.device)
    return pictures + noise.to(pictures) * sigmas[:, None, None, None]


def blur(pictures: Tensor, sigma: float | Tensor) -> Tensor:
    """Blur pictures with a Gaussian that reaches four standard deviations; edges are repeated.

    A Gaussian is separable, and a blur along one axis is linear, so it is a matrix: B x B^T.
    pictures: (n, channels, height, width). sigma: in pixels, scalar or (n,); 0 changes nothing.
    """
    check_pictures(pictures)
    sigmas = per_sample(sigma, len(pictures), "sigma", low=0).to(pictures)
    rows = _blur_matrix(sigmas, pictures.shape[-2])[:, None]  # (n, 1, height, height)
    columns = _blur_matrix(sigmas, pictures.shape[-1])[:, None]  # (n, 1, width, width)
    return rows @ pictures @ columns.mT


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

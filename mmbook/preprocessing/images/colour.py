"""Colours as numbers: brightness, light, and what OpenCV does to make an image clearer."""

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.images.transforms import ImageError, check_image, check_real, check_unit
from mmbook.preprocessing.ranges import check_setting

# How bright red, green and blue look, by ITU-R BT.601: the weights of JPEG and of OpenCV.
LUMA = (0.299, 0.587, 0.114)


def to_grey(images: Tensor) -> Tensor:
    """Brightness, a weighted sum of red, green and blue; a grey image stays as it is.

    images: (n, 1 or 3, height, width) float. Returns (n, 1, height, width).
    """
    if check_real(images).shape[1] == 1:
        return images
    weights = images.new_tensor(LUMA)
    return torch.einsum("nchw,c->nhw", images, weights)[:, None]


def srgb_to_linear(values: Tensor) -> Tensor:
    """From stored values in [0, 1] to the amount of light that a screen sends out, in [0, 1].

    values: floating point of any shape; the same shape is returned. Raises ImageError where one
    lies outside [0, 1]. Source: IEC 61966-2-1 (sRGB).
    """
    check_unit(values)
    low = values <= 0.04045
    return torch.where(low, values / 12.92, ((values.clamp(min=0) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(light: Tensor) -> Tensor:
    """The inverse of `srgb_to_linear`."""
    check_unit(light)
    low = light <= 0.0031308
    return torch.where(low, light * 12.92, 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055)


def clahe(image: NDArray[np.uint8], limit: float = 2.0, tiles: int = 8) -> NDArray[np.uint8]:
    """Spread the brightness in each part of an image over the whole range, and leave its colours.

    image: (height, width) or (height, width, 3) red, green, blue. limit: how much contrast may
    grow. tiles: parts along each side. Returns the same shape.
    Source: Zuiderveld 1994 (contrast limited adaptive histogram equalisation), by OpenCV.
    """
    _check_bytes(image)
    if tiles < 1 or not 0 < limit < math.inf:
        raise ImageError(
            f"tiles must be at least 1, the limit positive and finite, got {tiles} and {limit}"
        )
    spread = cv2.createCLAHE(limit, (tiles, tiles))
    if image.ndim == 2:
        return np.asarray(spread.apply(image), np.uint8)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)  # L is the lightness, a and b are the colour
    lab[..., 0] = spread.apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def denoise(image: NDArray[np.uint8], strength: float = 10.0) -> NDArray[np.uint8]:
    """Average each pixel with those whose surroundings look alike, wherever near they are.

    image: (height, width) or (height, width, 3). strength: about the standard deviation of the
    noise, in grey levels of 255. Returns the same shape. Raises ImageError on a negative one.
    Source: Buades et al. 2005 (non-local means), by OpenCV.
    """
    _check_bytes(image)
    check_setting(strength, "strength", low=0, error=ImageError)
    if image.ndim == 2:
        return np.asarray(cv2.fastNlMeansDenoising(image, None, strength), np.uint8)
    cleaned = cv2.fastNlMeansDenoisingColored(image, None, strength, strength)
    return np.asarray(cleaned, np.uint8)


def _check_bytes(image: NDArray) -> None:
    check_image(image, 1, 1)
    if image.dtype != np.uint8:
        raise ImageError(f"an image must be bytes (uint8), got {image.dtype}")

"""Images from wherever they come: a file, an array, a tensor or an image of another library."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.images.files import over_white, read_image
from mmbook.preprocessing.images.transforms import ImageError


def as_pixels(image: Any) -> NDArray[np.uint8]:
    """An image as bytes (height, width, 3), red, green and blue.

    image: the path of a PNG or JPEG file; an array (height, width), or (height, width, 1, 3 or 4)
    with the fourth channel for how opaque it is, laid over white; a tensor (height, width) or
    (1, 3 or 4, height, width); each uint8 or bool. Or what has a method `convert("RGBA")`, as the
    images of PIL. Raises ImageError for anything else.
    """
    if isinstance(image, str | Path):
        return read_image(image)
    if callable(getattr(image, "convert", None)):
        image = image.convert("RGBA")
    if isinstance(image, Tensor):
        image = image.detach().cpu()
        image = image.movedim(0, -1) if image.ndim == 3 else image
    pixels = np.asarray(image)
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype != np.uint8:
        hint = (
            ": numbers in [0, 1] become it by (255 * x).round()" if pixels.dtype.kind == "f" else ""
        )
        raise ImageError(
            f"pixels must be bytes (uint8), got {type(image).__name__} of {pixels.dtype}{hint}"
        )
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or 0 in pixels.shape or pixels.shape[2] not in (1, 3, 4):
        raise ImageError(
            "an image must be (height, width) or (height, width, 1, 3 or 4), a tensor with the "
            f"channels first; got {type(image).__name__} of the shape {np.shape(image)}"
        )
    if pixels.shape[2] == 4:
        pixels = over_white(pixels)
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))

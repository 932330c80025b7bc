"""Images from wherever they come: a file, an array, a tensor or an image of another library."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.images.files import decode_image, over_white, read_image, to_rgb
from mmbook.preprocessing.images.transforms import ImageError


def as_pixels(image: Any) -> NDArray[np.uint8]:
    """An image as bytes (height, width, 3), red, green and blue.

    image: the path of a PNG or JPEG file, or its bytes; an array (height, width), or (height,
    width, 1, 3 or 4) with the fourth channel for how opaque it is, laid over white; a tensor
    (height, width) or (1, 3 or 4, height, width); each uint8 or bool; an image of PIL, which gives
    what its file does; or what else has a method `convert("RGBA")`. Of 16 bits in colour PIL keeps
    the upper 8, cut and not rounded: a level may differ by 1 from the file's, by 2 where it is
    transparent. Raises ImageError for anything else.
    """
    if isinstance(image, str | Path):
        return read_image(image)
    if isinstance(image, bytes | bytearray):
        return decode_image(bytes(image))
    pil = sys.modules.get("PIL.Image")
    if pil is not None and isinstance(image, pil.Image):
        image = _from_pil(image)
    elif callable(getattr(image, "convert", None)):
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


def _from_pil(image: Any) -> NDArray[np.uint8]:
    """An image of PIL as bytes: turned as its camera noted, 16 bits brought to 8, else RGBA."""
    from PIL import ImageOps  # not needed by those who have no such image

    try:
        image = ImageOps.exif_transpose(image)
        if image.mode == "F":
            raise ImageError("a PIL image of the mode F has no known range: convert it to L or RGB")
        _check_shade(image)
        if not image.mode.startswith("I"):
            return np.asarray(image.convert("RGBA"))
    except OSError as error:
        raise ImageError(f"PIL cannot decode this image: {error}") from error
    pixels = np.asarray(image)
    if pixels.size and not (pixels.min() >= 0 and pixels.max() <= 65535):
        raise ImageError(
            f"a PIL image of the mode {image.mode} must hold 16 bits, 0 to 65535; it holds "
            f"{pixels.min()} to {pixels.max()}"
        )
    if image.mode == "I" and pixels.size and 0 < pixels.max() <= 255:
        raise ImageError(
            "a PIL image of the mode I must hold 16 bits, and this one stays below 256, as 8 bits "
            "do: convert it to L, or to I;16 where it is that dark"
        )
    pixels = pixels.astype(np.uint16)
    shade = image.info.get("transparency")  # the one that is transparent, if one is
    if shade is not None:
        alpha = np.where(pixels == shade, 0, 65535).astype(np.uint16)
        pixels = np.stack([pixels, pixels, pixels, alpha], axis=-1)
    return to_rgb(pixels, grey=False)


def _check_shade(image: Any) -> None:
    """Raise ImageError where a transparent shade in colour has more bits than PIL kept of the file.

    PIL compares it with the 8 bits that it kept, so no pixel would be transparent.
    """
    shade = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(shade, tuple) and max(shade) > 255:
        raise ImageError(
            f"of a file of 16 bits PIL keeps 8, too few to find its transparent shade {shade}: "
            "pass the path of the file, or its bytes"
        )

"""Pictures of one thing on a plain background, brought to the form of MNIST and Fashion-MNIST."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmbook.preprocessing.images.transforms import ImageError, letterbox, resize_image

SIDE, BOX = 28, 20  # of MNIST's images, and of the square that the digit itself fits into
LEAST_CONTRAST = 16 / 255  # between ink and paper; below it there is nothing to be seen
_FAINT = 0.05  # ink below this share of the darkest belongs to no stroke
_DUST = 0.04  # pieces below this share of the largest one's area are no part of the digit


def contrast(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far each pixel's colour is from that of the background, in [0, 1].

    The background is the median colour of the border, so it may be dark or light, of any colour.
    The distance is the largest of the three channels': red on green of the same brightness counts.
    pixels: (height, width, 3) uint8. Returns (height, width). Raises ImageError for anything else.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ImageError(
            f"pixels must be (height, width, 3) uint8, got {pixels.shape} of {pixels.dtype}"
        )
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])  # (n, 3)
    away = np.abs(pixels.astype(np.float32) - np.median(border, axis=0).astype(np.float32))
    return away.max(axis=2) / np.float32(255)


def find_ink(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What is drawn on a plain background: 1 where it is drawn fully, 0 on the background.

    What the background itself varies is taken away, the rest is stretched to [0, 1], and specks
    far smaller than the largest piece are dropped. pixels: (height, width, 3), of any size and
    colours, dark on light or light on dark. Returns (height, width).
    Raises ImageError where nothing stands out.
    """
    away = contrast(pixels)
    border = np.concatenate([away[0], away[-1], away[:, 0], away[:, -1]])
    floor = 3 * float(np.median(border))  # of Gaussian noise, twice the standard deviation
    threshold, _ = cv2.threshold(
        (away * 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU
    )
    drawn = away[away > threshold / 255]
    full = float(np.median(drawn)) if drawn.size else 0.0
    if full - floor < LEAST_CONTRAST:
        raise ImageError("nothing stands out from the background: it is one plain colour, or noise")
    ink = ((away - floor) / (full - floor)).clip(0, 1)
    _, pieces, found, _ = cv2.connectedComponentsWithStats(
        (ink > _FAINT).astype(np.uint8), connectivity=8
    )
    areas = found[:, cv2.CC_STAT_AREA]
    kept = areas >= _DUST * areas[1:].max()
    kept[0] = False  # the background
    return ink * kept[pieces]


def centre_digit(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture of one digit as MNIST's makers prepared theirs: light on black, (28, 28) in [0, 1].

    The digit is scaled so that its bounding box just fits into 20 x 20 pixels, and moved by whole
    pixels so that its centre of mass comes to lie at the middle, pixel (14, 14), as far as nothing
    is cut off. An image of MNIST stays as it is, but for specks and its faintest pixels. Theirs
    were black and white before they were scaled. pixels: (height, width, 3), see `find_ink`.
    Source: LeCun et al. 1998, section III.A.
    """
    ink = _cut_out(find_ink(pixels))
    scale = BOX / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    small = resize_image(ink, height, width)
    image = np.zeros((SIDE, SIDE), np.float32)
    top, left = (_start(small.sum(axis=axis)) for axis in (1, 0))
    image[top : top + height, left : left + width] = small
    return image


def fit_garment(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture of one thing in the form of Fashion-MNIST: light on black, (28, 28) in [0, 1].

    What stands out from the background is cut out, and its long side becomes 28 pixels; how much it
    stands out is how light it is. The makers sharpened, too. pixels: (height, width, 3), see
    `find_ink`. Source: Xiao, Rasul and Vollgraf 2017, section 2.
    """
    away = contrast(pixels)
    return letterbox(_cut_out(away, find_ink(pixels) > 0), SIDE)[0]


def _cut_out(image: NDArray, inside: NDArray | None = None) -> NDArray:
    """The smallest rectangle of an image (height, width) outside of which nothing is `inside`.

    inside: (height, width) bool, by default where the image is not 0.
    """
    inside = image > 0 if inside is None else inside
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _start(profile: NDArray) -> int:
    """Where a digit must begin for its centre of mass to lie at the middle, inside the image."""
    centre = float((profile * np.arange(len(profile))).sum() / profile.sum())
    return min(max(round(SIDE // 2 - centre), 0), SIDE - len(profile))

"""Signs drawn from fonts: digits and letters as no hand wrote them, as many as one likes."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

DIGITS = "0123456789"
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # without those that look like digits: I, O and S
# The fonts of strokes that OpenCV brings along (Hershey 1967).
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
_CANVAS = 96  # pixels a side, on which a sign is drawn before it is made small


def draw_signs(
    count: int, signs: str = DIGITS, *, side: int = 14, box: int = 10, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """Signs in random fonts, strokes, slants and turns, light on black, and which each one is.

    count: each sign as often as any other, but for one. side: of the image. box: of the square that
    a sign just fits into, in pixels; it stands in the middle. Returns images (count, 1, side, side)
    in [0, 1] and labels (count,), places in `signs`. Raises ValueError where there is nothing to
    draw, or a sign does not fit.
    """
    if count < 1 or not signs:
        raise ValueError(f"draw one sign or more, not {count} of {signs!r}")
    if not 1 <= box <= side:
        raise ValueError(f"a box of {box} pixels does not fit into a side of {side}")
    chance = np.random.default_rng(seed)
    labels = np.arange(count) % len(signs)
    images = np.stack([_small(_drawn(signs[label], chance), side, box) for label in labels])
    return torch.from_numpy(images)[:, None], torch.from_numpy(labels)


def _drawn(sign: str, chance: np.random.Generator) -> NDArray[np.uint8]:
    """One sign on a canvas, cut out."""
    font, thickness = int(chance.choice(FONTS)), int(chance.integers(3, 10))
    canvas = np.zeros((_CANVAS, _CANVAS), np.uint8)
    (_, height), _ = cv2.getTextSize(sign, font, 1, 1)
    size = 0.45 * _CANVAS / height  # fonts differ in height
    (width, tall), _ = cv2.getTextSize(sign, font, size, thickness)
    start = ((_CANVAS - width) // 2, (_CANVAS + tall) // 2)
    cv2.putText(canvas, sign, start, font, size, (255,), thickness, cv2.LINE_AA)
    turn, slant = np.deg2rad(chance.uniform(-12, 12)), chance.uniform(-0.3, 0.3)
    stretch = chance.uniform(0.8, 1.2)
    cos, sin = np.cos(turn), np.sin(turn)
    change = np.array([[cos, -sin], [sin, cos]]) @ np.array([[stretch, slant], [0, 1]])
    middle = np.full(2, _CANVAS / 2)
    matrix = np.hstack([change, (middle - change @ middle)[:, None]])
    moved = cv2.warpAffine(canvas, matrix, (_CANVAS, _CANVAS))
    rows, columns = (np.flatnonzero(moved.any(axis=axis)) for axis in (1, 0))
    return np.asarray(moved[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.uint8)


def _small(sign: NDArray[np.uint8], side: int, box: int) -> NDArray[np.float32]:
    """A cut-out sign in the middle of a small image."""
    scale = box / max(sign.shape)
    height, width = (max(1, round(length * scale)) for length in sign.shape)
    small = cv2.resize(sign, (width, height), interpolation=cv2.INTER_AREA)
    image = np.zeros((side, side), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    image[top : top + height, left : left + width] = small.astype(np.float32) / 255
    return image

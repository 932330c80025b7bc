"""Strokes of a pen to the 28 x 28 image that a network trained on MNIST reads.

A drawing is a list of strokes, a stroke a list of points (x, y), in any unit, y pointing down.
`assets/live/drawing.js` does the same in the browser; a test holds the two to each other.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Stroke = Sequence[Sequence[float]]
Floats = NDArray[np.float64]

FIELD = 28  # pixels a side of the image
BOX = 20  # pixels of the longer side of the ink
PEN = 1.25  # radius of the pen in pixels: the mean ink of the images is then about MNIST's
SMALLEST = 0.1  # a drawing below this share of the unit is not enlarged to fill the box


def image_of(strokes: Sequence[Stroke]) -> NDArray[np.float32]:
    """The image of a drawing, (28, 28) in [0, 1], as MNIST's were made (LeCun et al. 1998).

    The ink's bounding box is scaled to 20 x 20 pixels, keeping its shape; the edges are
    antialiased; the centre of mass of the ink is put into the middle of the field. Unlike MNIST's,
    the pen is as wide after scaling whatever the size of the drawing.
    Raises ValueError where there is no point, or a point is not a pair of finite numbers.
    """
    lines = segments(strokes)
    low, high = lines.min(axis=(0, 1)), lines.max(axis=(0, 1))
    scale = (BOX - 2 * PEN) / max(*(high - low), SMALLEST)
    lines = (lines - (low + high) / 2) * scale + FIELD / 2
    lines = lines + FIELD / 2 - centre_of_mass(ink(lines))
    return ink(lines).astype(np.float32)


def segments(strokes: Sequence[Stroke]) -> Floats:
    """The straight lines of a drawing, (lines, 2 ends, 2); a single point is a line of length 0."""
    parts = [np.asarray(stroke, dtype=np.float64) for stroke in strokes if len(stroke)]
    if not parts or any(p.ndim != 2 or p.shape[1] != 2 or not np.isfinite(p).all() for p in parts):
        raise ValueError("a drawing needs strokes of points (x, y), finite, and at least one point")
    parts = [part if len(part) > 1 else part.repeat(2, axis=0) for part in parts]
    return np.concatenate([np.stack([part[:-1], part[1:]], axis=1) for part in parts])


def ink(lines: Floats) -> Floats:
    """How much of each pixel the pen covers, (28, 28): 1 inside the pen, falling to 0 over 1 pixel.

    lines: (lines, 2, 2) in pixels.
    """
    start, along = lines[:, 0], lines[:, 1] - lines[:, 0]  # (lines, 2) each
    offset = _centres()[:, :, None] - start  # (28, 28, lines, 2)
    squared = np.maximum((along**2).sum(-1), 1e-12)
    share = np.clip((offset * along).sum(-1) / squared, 0, 1)  # where on the line is nearest
    apart = offset - share[..., None] * along
    distance = np.sqrt((apart**2).sum(-1).min(-1))  # (28, 28), to the nearest line
    return np.clip(PEN + 0.5 - distance, 0, 1)


def centre_of_mass(image: Floats) -> Floats:
    """The centre (x, y) of the ink of an image, in pixels."""
    return (image[:, :, None] * _centres()).sum(axis=(0, 1)) / image.sum()


def _centres() -> Floats:
    """The centre (x, y) of each pixel, (28, 28, 2)."""
    y, x = np.mgrid[:FIELD, :FIELD] + 0.5
    return np.stack([x, y], axis=-1)


def example_digits() -> dict[str, list[list[list[float]]]]:
    """A drawing of each digit, "0" to "9", in the unit square: smooth, from a few points each."""
    rough = json.loads(Path(__file__).with_name("digits.json").read_text(encoding="utf-8"))
    return {
        digit: [np.round(smooth(np.array(stroke)), 3).tolist() for stroke in strokes]
        for digit, strokes in rough.items()
    }


def smooth(points: Floats, parts: int = 4) -> Floats:
    """A curve through points (n, 2), `parts` lines between each two (Catmull and Rom 1974)."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    before, start, end, after = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = np.arange(parts)[None, :, None] / parts
    curve = start + 0.5 * t * (
        end - before
        + t * (2 * before - 5 * start + 4 * end - after + t * (3 * (start - end) + after - before))
    )  # fmt: skip
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])

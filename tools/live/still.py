"""The still image in place of a network that a page runs: one input and the network's answer."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from tools.live.drawing import FIELD, Stroke, image_of

CELL, ROW, LEFT, WIDE = 10, 28, 330, 200  # lengths of the image


def still_of_digit(reader: nn.Module, strokes: Sequence[Stroke]) -> str:
    """An SVG of a drawing as the network gets it, pixel by pixel, beside a bar for each digit.

    reader: images (1, 1, 28, 28) to probabilities (1, 10).
    """
    image = image_of(strokes)
    with torch.no_grad():
        probabilities = reader(torch.from_numpy(image)[None, None])[0].tolist()
    pixels = [
        f'<rect x="{CELL * x}" y="{CELL * y}" width="{CELL}" height="{CELL}" '
        f'fill="#fff" fill-opacity="{image[y, x]:.2f}"/>'
        for y, x in np.argwhere(image > 0.005)
    ]
    side = CELL * FIELD
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 66} {side}" '
            'font-family="sans-serif" font-size="15" fill="#22282d">',
            f'<rect width="{side}" height="{side}" fill="#000"/>',
            '<g shape-rendering="crispEdges">',
            *pixels,
            "</g>",
            *(_bar(row, value) for row, value in enumerate(probabilities)),
            "</svg>\n",
        ]
    )


def _bar(digit: int, probability: float) -> str:
    middle = ROW * digit + ROW // 2
    return (
        f'<text x="{LEFT - 22}" y="{middle + 5}">{digit}</text>'
        f'<rect x="{LEFT}" y="{middle - 8}" width="{WIDE * probability:.1f}" height="16" '
        f'fill="#1f5f8b"/><text x="{LEFT + WIDE + 12}" y="{middle + 5}">{probability:.3f}</text>'
    )

"""What pages that draw scenes need: outlines, colours, words, and the scenes themselves.

`assets/live/scene-parts.js` draws, says and checks scenes with it as the package does.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmbook.datasets.scenes.layout import Scene, SceneConfig
from mmbook.datasets.scenes.rendering import BACKGROUND, RGB, outline
from mmbook.datasets.scenes.words import COLOURS, RELATIONS, SHAPES, SIZES


def scene_parts(config: SceneConfig, scenes: Sequence[Scene], side: int) -> dict[str, Any]:
    """The parts of a page's content, as JSON can write them.

    config: of the scenes. side: of the pictures that the network reads, in pixels.
    """
    radii = {size: round(sum(r) / 2, 3) for size, r in zip(SIZES, config.radii, strict=True)}
    return {
        "side": side,
        "chinese": {"size": SIZES, "colour": COLOURS, "shape": SHAPES, "relation": RELATIONS},
        "radii": radii,
        "rgb": {name: list(levels) for name, levels in RGB.items()},
        "background": list(BACKGROUND),
        "outlines": {shape: outlines(shape) for shape in SHAPES},
        "scenes": [
            [[o.shape, o.colour, o.size, *(round(v, 4) for v in (o.x, o.y, o.radius))] for o in s]
            for s in scenes
        ],
    }


def outlines(shape: str) -> list[list[list[float]]]:
    """The contours of a shape of radius 1 around (0, 0), y downwards."""
    return [np.round(contour, 4).tolist() for contour, _ in outline(shape)]

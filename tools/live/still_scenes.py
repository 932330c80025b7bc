"""The still image in place of the search of scenes: a sentence and the pictures nearest to it."""

from collections.abc import Sequence

import numpy as np

from mmbook.datasets.scenes.layout import Scene
from mmbook.datasets.scenes.rendering import BACKGROUND, RGB, outline

SIDE, GAP, TOP, SHOWN, PER_ROW = 160, 14, 40, 6, 3  # lengths of the image, pictures


def still_of_search(sentence: str, scenes: Sequence[Scene], cosines: Sequence[float]) -> str:
    """An SVG of a sentence and its SHOWN nearest pictures, the best first, with their cosines."""
    order = np.argsort(-np.asarray(cosines), kind="stable")[:SHOWN]
    wide = PER_ROW * (SIDE + GAP) - GAP
    high = TOP + -(-SHOWN // PER_ROW) * (SIDE + 40)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
            'font-family="sans-serif" font-size="16" fill="#22282d">',
            f'<text y="20" font-weight="bold">{sentence}</text>',
            *(_picture(place, scenes[row], cosines[row]) for place, row in enumerate(order)),
            "</svg>\n",
        ]
    )


def _picture(place: int, scene: Scene, cosine: float) -> str:
    left, top = place % PER_ROW * (SIDE + GAP), TOP + place // PER_ROW * (SIDE + 40)
    return (
        f'<g transform="translate({left} {top})">{drawn_scene(scene, SIDE)}'
        f'<text y="{SIDE + 20}">{place + 1}. cosine {cosine:.3f}</text></g>'
    )


def drawn_scene(scene: Scene, side: int) -> str:
    """The elements of an SVG that show a scene in a square of this side."""
    shapes = "".join(
        f'<path fill="{_hex(RGB[item.colour])}" fill-rule="evenodd" d="{path}"/>'
        for item in scene
        for path in [
            "".join(
                f"M{' '.join(f'{x:.1f},{y:.1f}' for x, y in points)}Z"
                for contour, _ in outline(item.shape)
                for points in [side * (np.array([item.x, item.y]) + item.radius * contour)]
            )
        ]
    )
    return f'<rect width="{side}" height="{side}" fill="{_hex(BACKGROUND)}"/>{shapes}'


def _hex(levels: Sequence[int]) -> str:
    return "#" + "".join(f"{level:02x}" for level in levels)

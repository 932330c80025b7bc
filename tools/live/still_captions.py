"""Still images in place of a captioner and of networks that draw."""

import base64
from collections.abc import Mapping

import cv2
import torch
from torch import Tensor

from mmbook.datasets.scenes.layout import Scene
from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.models.captioning import Captioner
from mmbook.models.looking import attention_maps
from tools.live.still_scenes import drawn_scene

SIDE, GAP, PER_ROW, LINE = 150, 12, 4, 22  # lengths of the image of a captioner, words a row
ZOOM, LEFT = 2, 70  # pixels of a drawing's pixel, and the room for words


def still_of_caption(model: Captioner, scene: Scene) -> str:
    """An SVG of a scene's caption and where the model looked for the last words of it."""
    image = render([scene], backgrounds([""], model.config.image.size))[0]
    caption = model.caption(image[None])[0]
    maps = attention_maps(model, image, caption or model.config.tokenizer.words[0])
    shown = range(len(maps.words))[-2 * PER_ROW :]
    rows = -(-len(shown) // PER_ROW)
    wide, high = PER_ROW * (SIDE + GAP) - GAP, LINE + rows * (SIDE + 2 * LINE)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
            'font-family="sans-serif" font-size="16" fill="#22282d">',
            f'<text y="16" font-weight="bold">{caption}</text>',
            *(
                _looked(place, scene, maps.words[word], maps.mean()[word])
                for place, word in enumerate(shown)
            ),
            "</svg>\n",
        ]
    )


def _looked(place: int, scene: Scene, word: str, weights: Tensor) -> str:
    """A scene, darker the less a cell was looked at, with the word below; weights: (rows, cols)."""
    left, top = place % PER_ROW * (SIDE + GAP), LINE + place // PER_ROW * (SIDE + 2 * LINE)
    rows, columns = weights.shape
    shades = (1 - weights / weights.max()).tolist()
    cells = "".join(
        f'<rect x="{SIDE * x / columns:.2f}" y="{SIDE * y / rows:.2f}" '
        f'width="{SIDE / columns:.2f}" height="{SIDE / rows:.2f}" fill-opacity="{shade:.1f}"/>'
        for y, row in enumerate(shades)
        for x, shade in enumerate(row)
    )
    return (
        f'<g transform="translate({left} {top})">{drawn_scene(scene, SIDE)}'
        f'<g fill="#000" opacity="0.85" shape-rendering="crispEdges">{cells}</g>'
        f'<text y="{SIDE + 18}">{word}</text></g>'
    )


def still_of_drawings(drawings: Mapping[str, Tensor]) -> str:
    """An SVG with a row for each word: drawings (count, size, size) in [0, 1] side by side."""
    count, size, _ = next(iter(drawings.values())).shape
    wide, high = ZOOM * size * count, ZOOM * size
    rows = [
        f'<text x="0" y="{high * place + high / 2 + 6:.1f}">{word}</text>'
        f'<image x="{LEFT}" y="{high * place}" width="{wide}" height="{high}" '
        f'image-rendering="pixelated" href="data:image/png;base64,{_png(images)}"/>'
        for place, (word, images) in enumerate(drawings.items())
    ]
    view = f"0 0 {LEFT + wide} {high * len(rows)}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" '
            'font-family="sans-serif" font-size="18" fill="#22282d">',
            *rows,
            "</svg>\n",
        ]
    )


def still_of_forming(pictures: Mapping[str, Tensor]) -> str:
    """An SVG of pictures on their way: each sentence above its (count, 3, size, size) in [0, 1]."""
    count, _, size, _ = next(iter(pictures.values())).shape
    wide, high = ZOOM * size * count, ZOOM * size
    rows = [
        f'<text y="{(LINE + high) * place + 16}">{sentence}</text>'
        f'<image y="{(LINE + high) * place + LINE}" width="{wide}" height="{high}" '
        f'image-rendering="pixelated" href="data:image/png;base64,{_png(images.flip(1))}"/>'
        for place, (sentence, images) in enumerate(pictures.items())
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} '
            f'{(LINE + high) * len(rows)}" font-family="sans-serif" font-size="16" '
            'fill="#22282d">',
            *rows,
            "</svg>\n",
        ]
    )


def _png(images: Tensor) -> str:
    """Images (count, size, size), or (count, 3, size, size) in blue, green and red, side by side.

    They are in [0, 1]; what returns is a PNG file in base64.
    """
    strip = torch.cat([*images], dim=-1)  # (size, count · size), or (3, ...)
    strip = (255 * strip.movedim(0, -1) if strip.ndim == 3 else 255 * strip).round().byte().numpy()
    return base64.b64encode(cv2.imencode(".png", strip)[1].tobytes()).decode("ascii")

"""Pictures of looking: the picture word by word, bright where a decoder looks."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import BLACK, BLUE, GREEN, book_style, figure

SHADE = 0.85  # how dark the cell with the least weight is


@book_style()
def plot_word_maps(
    image: Tensor, words: Sequence[str], maps: Tensor, columns: int = 6
) -> list[Axes]:
    """A picture once a word, bright where the word's map is large and dark where it is 0.

    image: (3, height, width), uint8, or numbers in [0, 1]. words: one a map, written above it.
    maps: (words, rows, columns), 0 or more; each has a scale of its own, so that its largest cell
    is not darkened. Returns the axes of the pictures. Raises ValueError where the numbers differ.
    """
    if len(words) != len(maps):
        raise ValueError(f"each word needs a map: {len(words)} words for {len(maps)} maps")
    rows = -(-len(words) // columns)
    height = rows * (6.4 / columns * image.shape[1] / image.shape[2] + 0.34)
    axes = figure(height, rows, columns)[1]
    for panel in axes:
        panel.set_axis_off()
    pixels = image.movedim(0, -1).cpu().numpy()  # (height, width, 3)
    edges = (-0.5, image.shape[2] - 0.5, image.shape[1] - 0.5, -0.5)
    for panel, word, cells in zip(axes, words, maps.cpu().numpy(), strict=False):
        panel.imshow(pixels, interpolation="nearest")
        dark = SHADE * (1 - cells / max(cells.max(), 1e-12))
        panel.imshow(np.zeros_like(dark), cmap="gray", alpha=dark, extent=edges)
        panel.set_title(word, fontsize=11)
    return axes[: len(words)]


@book_style()
def plot_meeting(cells: int, width: int, vocabulary: int) -> Axes:
    """How the tokens of a picture meet the words written so far, with a shape in every box.

    cells: picture tokens. Below, what comes in; then queries ask keys, and weights mix values.
    """
    panel = figure(4.8)[1][0]
    boxes = {
        "picture": (2.3, 0.0, "(3, 64, 64)", BLUE),
        "tokens": (2.3, 1.4, f"({cells}, {width})", BLUE),
        "values": (1.0, 2.8, f"({cells}, {width})", BLUE),
        "keys": (3.6, 2.8, f"({cells}, {width})", BLUE),
        "words so far": (7.2, 0.0, "(L)", GREEN),
        "states": (7.2, 1.4, f"(L, {width})", GREEN),
        "queries": (7.2, 2.8, f"(L, {width})", GREEN),
        "weights": (5.4, 4.2, f"(L, {cells})", BLACK),
        "found": (1.0, 5.6, f"(L, {width})", BLACK),
        "next word": (7.2, 5.6, f"(L, {vocabulary})", BLACK),
    }
    arrows = (("picture", "tokens"), ("tokens", "values"), ("tokens", "keys"), ("keys", "weights"))
    arrows += (("words so far", "states"), ("states", "queries"), ("queries", "weights"))
    arrows += (("weights", "found"), ("values", "found"), ("found", "next word"))
    for start, end in arrows:
        (x, y, *_), (u, v, *_) = boxes[start], boxes[end]
        style = {"arrowstyle": "-|>", "color": BLACK, "lw": 1.6, "shrinkA": 21, "shrinkB": 21}
        if y == v:
            style |= {"shrinkA": 48, "shrinkB": 48}
        panel.annotate("", (u, v), (x, y), arrowprops=style)
    for name, (x, y, shape, colour) in boxes.items():
        box = {"boxstyle": "round,pad=0.3", "fc": "white", "ec": colour, "lw": 2}
        text = f"{name}\n{shape}"
        panel.text(x, y, text, ha="center", va="center", fontsize=10.5, bbox=box)
    panel.set(xlim=(-0.2, 8.6), ylim=(-0.6, 6.2))
    panel.axis("off")
    return panel

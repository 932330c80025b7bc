"""What happens to pictures on their way to a network: galleries, what a resizer reads, tables."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from torch import Tensor

from mmbook.plotting.style import BLACK, BLUE, GREY, RED, book_style, figure

READERS = (BLUE, RED)  # neighbouring new pixels take turns


@book_style()
def plot_gallery(
    images: Sequence[NDArray | Tensor], titles: Sequence[str], columns: int = 3
) -> list[Axes]:
    """Pictures with a title above each, row by row, every pixel a square.

    images: (height, width) or (height, width, 3) arrays, or (1 or 3, height, width) tensors;
    uint8, or float in [0, 1]. Returns the axes of the pictures.
    """
    rows = -(-len(images) // columns)
    tallest = max(_pixels(p).shape[0] / _pixels(p).shape[1] for p in images)
    height = rows * (6.4 / columns * tallest + 0.34)
    axes = figure(height, rows, columns)[1]
    for panel in axes:
        panel.set_axis_off()
    for panel, image, title in zip(axes, images, titles, strict=False):
        pixels = _pixels(image)
        highest = 255 if pixels.dtype == np.uint8 else 1
        panel.imshow(pixels, cmap="gray", vmin=0, vmax=highest, interpolation="nearest")
        panel.set_title(title)
    return axes[: len(images)]


def _pixels(image: NDArray | Tensor) -> NDArray:
    """As matplotlib wants it: channels last, none for grey, and nothing outside the range."""
    if isinstance(image, Tensor):
        image = image.movedim(0, -1).numpy()
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    return image if image.dtype == np.uint8 else image.clip(0, 1)


@book_style()
def plot_reads(readers: Mapping[str, Tensor]) -> Axes:
    """Which old pixels each new one reads: a row of old pixels for each way of resizing.

    readers: {name: (new, old) weights}. The height of a bar is the weight; two colours tell
    neighbouring new pixels apart.
    """
    panel = figure(0.95 * len(readers) + 0.6)[1][0]
    for row, (name, weights) in enumerate(readers.items()):
        base = -1.25 * row
        tallest = float(weights.max())
        for new, line in enumerate(weights.numpy()):
            panel.bar(
                np.arange(len(line)),
                0.8 * line / tallest,
                0.9,
                bottom=base,
                color=READERS[new % 2],
                alpha=0.75,
            )
        for old in range(weights.shape[1]):
            panel.add_patch(Rectangle((old - 0.5, base - 0.16), 1, 0.14, ec=BLACK, fc=GREY, lw=0.8))
        panel.text(-0.9, base + 0.25, name, ha="right", va="center")
    panel.set(xlim=(-4.6, max(w.shape[1] for w in readers.values()) - 0.4), yticks=[], xticks=[])
    panel.set_ylim(-1.25 * (len(readers) - 1) - 0.3, 0.95)
    panel.spines[:].set_visible(False)
    panel.set_xlabel("old pixels")
    return panel


@book_style()
def plot_table(
    values: Tensor, rows: Sequence[str], columns: Sequence[str], row_label: str, column_label: str
) -> Axes:
    """Shares as a table: each cell says its percentage, and is darker where it is larger.

    values: (rows, columns) in 0..1.
    """
    panel = figure(0.62 * len(rows) + 1.5)[1][0]
    panel.imshow(values.numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, line in enumerate(values.tolist()):
        for column, value in enumerate(line):
            colour = "white" if value > 0.6 else BLACK
            panel.text(
                column,
                row,
                f"{100 * value:.0f} %",
                ha="center",
                va="center",
                color=colour,
                fontsize=14,
            )
    panel.set_xticks(range(len(columns)), columns)
    panel.set_yticks(range(len(rows)), rows)
    panel.set(xlabel=column_label, ylabel=row_label)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    return panel


@book_style()
def plot_mask(square: NDArray | Tensor, mask: NDArray, size: int) -> list[Axes]:
    """A letterboxed picture with the grid of its patches, and which of them hold any picture.

    square: as in `plot_gallery`; mask: (height, width) bool; size: of a patch, in pixels.
    """
    left, right = figure(3.1, columns=2)[1]
    pixels = _pixels(square)
    left.imshow(pixels, cmap="gray", interpolation="nearest")
    side = pixels.shape[0]
    for edge in range(0, side + 1, size):
        left.axhline(edge - 0.5, color="white", linewidth=1)
        left.axvline(edge - 0.5, color="white", linewidth=1)
    tokens = np.asarray(mask.reshape(side // size, size, side // size, size).any((1, 3)))
    right.imshow(tokens, cmap="gray", vmin=0, vmax=1)
    for place, (row, column) in enumerate(np.ndindex(*tokens.shape)):
        real = bool(tokens[row, column])
        colour = BLACK if real else "white"
        sign = str(place) if real else "–"
        right.text(column, row, sign, ha="center", va="center", color=colour)
    left.set_title("letterbox, cut into patches")
    right.set_title("mask of the tokens")
    for panel in (left, right):
        panel.set_axis_off()
    return [left, right]

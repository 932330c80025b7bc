"""Pictures of looking: the picture word by word, bright where a decoder looks."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import book_style, figure

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

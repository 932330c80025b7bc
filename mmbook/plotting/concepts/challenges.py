"""Results of the small experiments on representation, alignment and translation."""

from collections.abc import Mapping

import torch
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import book_style, figure


def plot_similarities(matrices: Mapping[str, Tensor]) -> list[Axes]:
    """Squares of similarities: row a picture, column a sound, dark where they are close.

    matrices: {name: (n, n)}, the right pairs on the diagonal.
    """
    _, axes = figure(3.6, 1, len(matrices), sharey=True)
    with book_style():
        for ax, (name, matrix) in zip(axes, matrices.items(), strict=True):
            ax.imshow(matrix.numpy(), cmap="Blues")
            ax.set(title=name, xlabel="sound of")
            ax.set_xticks(range(0, len(matrix), 3))
            ax.set_yticks(range(0, len(matrix), 3))
        axes[0].set_ylabel("picture of")
    return axes


def plot_drawings(rows: Mapping[str, Tensor]) -> list[Axes]:
    """Rows of small pictures, each row with its name above it.

    rows: {name: (n, 1, height, width)}, in [0, 1]; light is 0.
    """
    _, axes = figure(1.05 * len(rows), len(rows), 1)
    with book_style():
        for ax, (name, images) in zip(axes, rows.items(), strict=True):
            strip = torch.cat(list(images[:, 0]), dim=1)  # (height, n · width)
            ax.imshow(strip.numpy(), cmap="gray_r", vmin=0, vmax=1)
            ax.set_title(name, loc="left")
            ax.set_axis_off()
    return axes

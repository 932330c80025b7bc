"""Results of the small experiments on representation, alignment, translation and missing senses."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import COLOURS, MARKERS, book_style, figure


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


def plot_missing(
    conditions: Sequence[str],
    systems: Mapping[str, Tensor],
    experts: Sequence[float],
    reference: str = "product of those left",
) -> Axes:
    """Accuracy of several systems with all senses and with some of them missing.

    conditions: c names. systems: {name: (seeds, c)}, one dot a seed. experts: (c,) what the experts
    for the senses that are there reach, drawn as short lines with the name `reference`.
    """
    _, (ax,) = figure(3.9)
    colours = [COLOURS["other"], COLOURS["early fusion"]]
    markers = list(MARKERS.values())
    with book_style():
        places = range(len(conditions))
        starts, ends = [place - 0.35 for place in places], [place + 0.35 for place in places]
        ax.hlines(experts, starts, ends, COLOURS["together"], label=reference)
        for index, (name, values) in enumerate(systems.items()):
            shift = 0.3 * (index - (len(systems) - 1) / 2)
            ax.plot(
                [place + shift for place in places for _ in values],
                values.T.flatten().tolist(),
                linestyle="",
                marker=markers[index],
                color=colours[index % len(colours)],
                markeredgecolor="black",
                label=name,
            )
        ax.set_xticks(places, conditions)
        ax.set_ylabel("accuracy")
        ax.set_ylim(top=1.02)
        ax.figure.legend(loc="outside upper center", ncols=1)
    return ax

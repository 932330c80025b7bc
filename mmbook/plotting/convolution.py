"""Pictures of convolution: shifted digits, a matrix full of zeros, what a place sees, filters."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle
from torch import Tensor

from mmbook.plotting.style import BLUE, GREY, PURPLE, RED, book_style, figure

LINES = ((RED, "--", "^"), (PURPLE, ":", "D"), (BLUE, "-", "o"))
BASELINE = (GREY, "-", "s")  # of every network without convolution, and of a plain one
DARK = ("#882255", "#AA4499")
# Nine colours told apart by lightness too: the weights of a 3 x 3 kernel.
KERNEL_COLOURS = ListedColormap(
    ["#EEEEEE", "#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDCC77", "#CC6677", *DARK]
)


@book_style()
def draw_curves(
    curves: Mapping[str, Tensor],
    places: Sequence[float | str],
    xlabel: str,
    ylabel: str = "accuracy",
    images: Tensor | None = None,
    panel: Axes | None = None,
) -> Axes:
    """A line a name with one standard deviation over the seeds, and a picture over each place.

    curves: {name: (seeds, places)}. images: (places, height, width), or none.
    """
    panel = panel or figure(4.4 if images is not None else 3.8)[1][0]
    x = np.arange(len(places))
    for (name, values), (colour, style, marker) in zip(curves.items(), _lines(curves), strict=True):
        spread = values.std(dim=0, correction=min(1, len(values) - 1)).numpy()
        panel.errorbar(
            x,
            values.mean(dim=0).numpy(),
            spread,
            label=name,
            color=colour,
            ls=style,
            marker=marker,
            capsize=3,
        )
    panel.set_xticks(x, [str(place) for place in places])
    panel.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 1.02))
    panel.grid(axis="y", alpha=0.3)
    panel.legend(fontsize=11)
    if images is not None:
        panel.set(xlim=(-0.5, len(places) - 0.5), ylim=(0, 1.45), yticks=np.linspace(0, 1, 6))
        panel.legend(fontsize=11, loc="lower left")
        for place, image in zip(x, images, strict=True):
            small = panel.inset_axes((place - 0.45, 1.08, 0.9, 0.36), transform=panel.transData)
            _show(small, image, "gray_r")
    return panel


def _lines(names: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Colour, line and marker of each name; a dense or plain network is the baseline."""
    others = iter(LINES)
    return [BASELINE if name in ("dense", "plain") else next(others) for name in names]


def _show(
    panel: Axes, values: Tensor, colours: str, low: float | None = None, high: float | None = None
) -> None:
    """A picture with a thin frame and no ticks; colours from low to high, or as far as it goes."""
    panel.imshow(values.numpy(), cmap=colours, vmin=low, vmax=high)
    panel.set(xticks=[], yticks=[])
    for spine in panel.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.8)


@book_style()
def draw_banded_matrix(kernel_places: Tensor, matrix_places: Tensor) -> list[Axes]:
    """A kernel and the matrix that does the same, with one colour for each weight of the kernel.

    kernel_places: (rows, columns) and matrix_places: (outputs, inputs): the number of the weight
    that stands there, from 1 to 9, or 0 where a zero stands.
    """
    _, axes = figure(3.9, columns=2, width_ratios=(1, 2.6))
    for panel, places, title in zip(
        axes,
        (kernel_places, matrix_places),
        ("the kernel", "the matrix W of one layer"),
        strict=True,
    ):
        panel.imshow(
            places.numpy(), cmap=KERNEL_COLOURS, vmin=-0.5, vmax=9.5, interpolation="nearest"
        )
        panel.set_title(title)
        panel.set(xticks=[], yticks=[])
    axes[1].set(xlabel="pixel that is read", ylabel="pixel that is written")
    return axes


@book_style()
def draw_influence(maps: Mapping[str, Tensor], sides: Sequence[int]) -> list[Axes]:
    """How much each pixel matters to the middle output, with the receptive field as a frame.

    maps: {title: (height, width)}, not negative. sides: of the frames, in pixels.
    """
    _, axes = figure(2.9, columns=len(maps))
    for panel, (title, influence), side in zip(axes, maps.items(), sides, strict=True):
        _show(panel, influence / influence.max(), "Blues", 0, 1)
        corner = (influence.shape[0] - side) / 2 - 0.5
        panel.add_patch(Rectangle((corner, corner), side, side, fill=False, ec=RED, lw=2))
        panel.set_title(title)
    return axes


@book_style()
def draw_depth(gradients: Mapping[str, Sequence[float]], depths: Sequence[int]) -> Axes:
    """The length of the first layer's gradient against the number of layers, a line a network."""
    panel = figure(3.6)[1][0]
    lines = _lines(gradients)
    for (name, values), (colour, style, marker) in zip(gradients.items(), lines, strict=True):
        panel.plot(depths, values, label=name, color=colour, ls=style, marker=marker)
    panel.set_yscale("log")
    panel.set_xscale("log", base=2)
    panel.set_xticks(list(depths), [str(depth) for depth in depths])
    panel.set(xlabel="convolutions on the way", ylabel="gradient of the first")
    panel.grid(axis="y", alpha=0.3)
    panel.legend(fontsize=11)
    return panel


@book_style()
def draw_filters_and_maps(filters: Tensor, first: Tensor, last: Tensor) -> list[Axes]:
    """Some kernels of the first layer, the feature maps that they make, and maps of a late block.

    filters: (n, rows, columns). first and last: (n, height, width).
    Blue is positive and red negative in the kernels; maps are drawn from white (0) to dark.
    """
    count = len(filters)
    _, axes = figure(3.5, rows=3, columns=count + 1)
    titles = ("kernels", "first maps", "late maps")
    for row, (title, drawn) in enumerate(zip(titles, (filters, first, last), strict=True)):
        head, *panels = axes[row * (count + 1) : (row + 1) * (count + 1)]
        head.axis("off")
        head.text(0.5, 0.5, title.replace(" ", "\n"), ha="center", va="center", fontsize=12)
        for panel, values in zip(panels, drawn, strict=True):
            limit = float(values.abs().max())
            is_signed = title == "kernels"
            low, colours = (-limit, "RdBu") if is_signed else (0.0, "Greys")
            _show(panel, values, colours, low, limit)
    return axes

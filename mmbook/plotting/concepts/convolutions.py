"""Drawings of convolution: one layer, LeNet-5, and a block without and with its shortcut."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from mmbook.plotting.style import BLACK, BLUE, GREY, PURPLE, RED, YELLOW, book_style, figure

PALE = "#DCE6F1"


class Stage(NamedTuple):
    """A layer of a network: its name, what it does, its weights, and the shape that leaves it."""

    name: str
    does: str
    weights: int
    shape: tuple[int, ...]


LENET = (
    Stage("C1", "6 kernels of 1 × 5 × 5, tanh", 156, (6, 28, 28)),
    Stage("S2", "mean of each 2 × 2", 0, (6, 14, 14)),
    Stage("C3", "16 kernels of 6 × 5 × 5, tanh", 2_416, (16, 10, 10)),
    Stage("S4", "mean of each 2 × 2", 0, (16, 5, 5)),
    Stage("C5", "120 kernels of 16 × 5 × 5, tanh", 48_120, (120, 1, 1)),
    Stage("F6", "matrix 84 × 120, tanh", 10_164, (84,)),
    Stage("scores", "matrix 10 × 84", 850, (10,)),
)


@book_style()
def draw_layer() -> Axes:
    """One convolutional layer: a window of all channels, the kernels, and the maps they write.

    Beside each arrow stands the shape of what it carries.
    """
    _, (axes,) = figure(3.3)
    axes.set(xlim=(-0.3, 9.9), ylim=(-1.5, 3.6))
    axes.axis("off")
    _planes(axes, (0, 0), 2.0, 3)
    for depth in range(3):
        corner = (0.6 + 0.2 * depth, 0.9 + 0.2 * depth)
        axes.add_patch(Rectangle(corner, 0.6, 0.6, fc="white", ec=RED, lw=1.8, zorder=3 - depth))
    axes.text(1.2, -0.45, "input\n$C \\times h \\times w$", ha="center", va="top")
    _arrow(axes, (2.5, 1.45), (3.9, 1.45), "window\n$C \\times K \\times K$")
    for place in range(4):
        corner = (3.95, 2.35 - 0.62 * place)
        axes.add_patch(Rectangle(corner, 1.5, 0.46, fc=YELLOW, ec=BLACK, lw=1.2, alpha=0.8))
    axes.text(4.7, -0.45, "$C'$ kernels\n$C \\times K \\times K$ each", ha="center", va="top")
    _arrow(axes, (5.5, 1.45), (7.45, 1.45), "$C'$ sums")
    _planes(axes, (7.4, 0), 1.6, 4)
    for depth in range(4):
        corner = (8.0 + 0.2 * depth, 0.8 + 0.2 * depth)
        axes.add_patch(Rectangle(corner, 0.2, 0.2, fc=RED, ec=RED, zorder=4 - depth))
    axes.text(8.5, -0.45, "output\n$C' \\times h' \\times w'$", ha="center", va="top")
    return axes


@book_style()
def draw_lenet(stages: Sequence[Stage] = LENET, side: int = 32) -> Axes:
    """A network from above to below: maps to scale, what each layer does, its weights.

    The shape of what leaves a layer stands beside it. side: of the grey input picture.
    """
    _, (axes,) = figure(0.78 * len(stages) + 0.8)
    axes.set(xlim=(-0.9, 6.5), ylim=(-len(stages) - 0.45, 0.75))
    axes.axis("off")
    axes.text(5.95, 0.55, "weights", ha="center", va="center", weight="bold", fontsize=11)
    _maps(axes, 0, (1, side, side))
    axes.text(1.15, 0, f"input, 1 × {side} × {side}", va="center", weight="bold", fontsize=11.5)
    for place, stage in enumerate(stages, 1):
        axes.annotate("", (0, 0.38 - place), (0, 0.62 - place), arrowprops={"arrowstyle": "-|>"})
        _maps(axes, -place, stage.shape)
        shape = " × ".join(str(size) for size in stage.shape)
        axes.text(
            1.15, 0.14 - place, f"{stage.name}, {shape}", va="center", weight="bold", fontsize=11.5
        )
        axes.text(1.15, -0.17 - place, stage.does, va="center", fontsize=11)
        axes.text(6.35, -place, f"{stage.weights:,}", ha="right", va="center", fontsize=11.5)
    return axes


@book_style()
def draw_blocks() -> list[Axes]:
    """The same two convolutions with nothing around them, and with a shortcut; shapes between."""
    _, axes = figure(4.9, columns=2)
    for panel, title in zip(axes, ("plain block", "residual block"), strict=True):
        panel.set(xlim=(-2.2, 2.6), ylim=(-0.5, 6.0), title=title)
        panel.axis("off")
        panel.text(0, -0.25, "$x$", ha="center", va="center", fontsize=14)
        for place, words in enumerate(("norm, ReLU", "3 × 3 conv.") * 2):
            low = 0.45 + 1.15 * place
            _arrow(panel, (0, low - 0.5), (0, low), "")
            face, ink = (BLUE, "white") if place % 2 else ("white", BLACK)
            panel.add_patch(Rectangle((-1.15, low), 2.3, 0.6, fc=face, ec=BLUE, lw=1.8))
            panel.text(0, low + 0.3, words, ha="center", va="center", color=ink, fontsize=12)
            panel.text(0.12, low - 0.28, "$(n, C, h, w)$", va="center", fontsize=10)
        _arrow(panel, (0, 4.5), (0, 4.95), "")
        panel.text(0.12, 4.72, "$(n, C, h, w)$", va="center", fontsize=10)
        beside = 0.5 if title == "residual block" else -0.08
        panel.text(beside, 5.22, "$y$", va="center", fontsize=14)
    residual = axes[1]
    residual.add_patch(Circle((0, 5.22), 0.26, fc="white", ec=PURPLE, lw=2))
    residual.text(0, 5.2, "+", ha="center", va="center", fontsize=14, color=PURPLE)
    residual.plot([-0.25, -1.75, -1.75], [-0.25, -0.25, 5.22], color=PURPLE)
    residual.annotate(
        "", (-0.28, 5.22), (-1.77, 5.22), arrowprops={"arrowstyle": "-|>", "lw": 2.2, "ec": PURPLE}
    )
    residual.text(-1.9, 2.6, "shortcut", rotation=90, ha="right", va="center", color=PURPLE)
    return axes


def _planes(axes: Axes, corner: tuple[float, float], side: float, count: int) -> None:
    """Squares one behind the other, the first in front."""
    for depth in reversed(range(count)):
        place = (corner[0] + 0.2 * depth, corner[1] + 0.2 * depth)
        axes.add_patch(Rectangle(place, side, side, fc=PALE, ec=BLUE, lw=1.2, zorder=1 - depth))


def _maps(axes: Axes, level: float, shape: tuple[int, ...]) -> None:
    """Maps of (channels, rows, columns) to scale, at most six of them drawn; a vector as a bar."""
    if len(shape) == 1:
        length = 0.2 + shape[0] / 60
        bar = Rectangle((-length / 2, level - 0.07), length, 0.14, fc=GREY, ec=BLACK, lw=0.8)
        axes.add_patch(bar)
        return
    side, shown = max(0.72 * shape[1] / 32, 0.1), min(shape[0], 6)
    for depth in reversed(range(shown)):
        x = (depth - (shown - 1) / 2) * 0.14 - side / 2
        axes.add_patch(
            Rectangle((x, level - side / 2), side, side, fc=PALE, ec=BLUE, lw=1, zorder=1 - depth)
        )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], words: str) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 2})
    middle = ((start[0] + end[0]) / 2, start[1] + 0.15)
    axes.text(*middle, words, ha="center", va="bottom", fontsize=12)

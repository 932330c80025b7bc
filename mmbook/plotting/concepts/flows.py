"""A flow from noise to data: how it is learned, where it leads, and the network that draws so."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, COLOURS, GREY, RED, book_style, figure

_box = partial(draw_box, height=0.76)

_ARROW = {"arrowstyle": "-|>", "lw": 1.6, "color": BLACK}

# What each box makes of one picture, for the sizes that `SceneDrawingConfig` takes by itself.
DOWN = (
    ("pixel unshuffle", "12 × 16 × 16"),
    ("convolution, block", "32 × 16 × 16"),
    ("convolution, halving", "96 × 8 × 8"),
)
MIDDLE = ("2 transformer layers", "64 × 96")
UP = (
    ("convolution, doubling", "32 × 16 × 16"),
    ("2 blocks, convolution", "12 × 16 × 16"),
    ("pixel shuffle", "3 × 32 × 32"),
)
PICTURE = "3 × 32 × 32"


@book_style()
def draw_flow() -> Axes:
    """How a flow is learned, above, and how it is followed, below, with a shape on every arrow."""
    _, (axes,) = figure(4.6)
    axes.set(xlim=(0, 10), ylim=(-0.2, 7.3))
    axes.axis("off")
    _heading(axes, 7.05, "to learn")
    for y, source in ((6.3, "noise $x_0$: B × d"), (5.5, "data $x_1$: B × d"), (4.7, "time t: B")):
        axes.text(0.1, y, source, va="center", fontsize=10)
        draw_arrow(axes, (2.0, y), (2.55, y))
    axes.add_patch(Rectangle((2.6, 4.3), 1.5, 2.4, fc="white", ec=BLACK, lw=2))
    axes.text(
        3.35, 5.5, "mix:\n$(1-t)\\,x_0$\n$+\\,t\\,x_1$", ha="center", va="center", fontsize=10
    )
    draw_arrow(axes, (4.15, 5.1), (5.35, 5.1), "$x_t$: B × d")
    _box(axes, (6.15, 5.1), "network v", 1.5, COLOURS["image"])
    draw_arrow(axes, (6.95, 5.1), (7.85, 5.1), "B × d")
    _box(axes, (8.85, 5.1), "squared error", 1.9, RED)
    axes.plot((4.15, 8.85), (6.3, 6.3), color=BLACK, lw=1.6)
    axes.text(6.4, 6.42, "$x_1 - x_0$: B × d", ha="center", va="bottom", fontsize=9.5)
    draw_arrow(axes, (8.85, 6.3), (8.85, 5.5))
    _time(axes, 4.7, 3.95)
    _heading(axes, 3.2, "to draw, in n steps")
    axes.text(0.1, 2.0, "new noise: B × d", va="center", fontsize=10)
    draw_arrow(axes, (2.15, 2.0), (3.15, 2.0), "x: B × d")
    _box(axes, (4.0, 2.0), "network v", 1.6, COLOURS["image"])
    draw_arrow(axes, (4.85, 2.0), (5.85, 2.0), "B × d")
    _box(axes, (6.65, 2.0), "x + v / n", 1.5, BLACK)
    draw_arrow(axes, (7.45, 2.0), (8.35, 2.0), "B × d")
    axes.text(8.45, 2.0, "a drawing", va="center", fontsize=10)
    axes.plot((6.65, 6.65, 2.65), (1.6, 0.35, 0.35), color=BLACK, lw=1.6)
    draw_arrow(axes, (2.65, 0.35), (2.65, 1.85))
    axes.text(4.65, 0.47, "again, t = 1/n, 2/n, …", ha="center", va="bottom", fontsize=9.5)
    return axes


def _time(axes: Axes, start: float, below: float) -> None:
    """The time's own way from the left to the network, under the box that mixes."""
    axes.plot((2.2, 2.2, 6.15), (start, below, below), color=BLACK, lw=1.6)
    draw_arrow(axes, (6.15, below), (6.15, 4.7))
    axes.text(4.4, below + 0.07, "t: B", ha="center", va="bottom", fontsize=9.5)


@book_style()
def draw_painter() -> Axes:
    """The network that draws scenes, from top left down and up again, with one picture's shapes."""
    _, (axes,) = figure(5.0)
    axes.set(xlim=(0, 10), ylim=(1.7, 9.2))
    axes.axis("off")
    left, right, top, step = 4.0, 8.35, 7.5, 1.75
    axes.text(left, 8.9, f"$x_t$: {PICTURE}", ha="center", va="center", fontsize=10)
    axes.text(right, 8.9, "the end, $\\hat x_1$", ha="center", va="center", fontsize=10)
    heights = [top - step * place for place in range(3)]
    middle, low = (left + right) / 2, heights[2] - step
    for y, (name, made) in zip(heights, DOWN, strict=True):
        _box(axes, (left, y), name, 2.8, COLOURS["image"])
        draw_arrow(axes, (left, y + step - 0.4 if y < top else 8.65), (left, y + 0.4))
        axes.text(
            left + (0.1 if y > heights[2] else -0.75), y - 0.87, made, va="center", fontsize=9
        )
    for y, (name, made) in zip(reversed(heights), UP, strict=True):
        _box(axes, (right, y), name, 2.8, COLOURS["image"])
        draw_arrow(axes, (right, y + 0.4), (right, 8.65 if y == top else y + step - 0.4))
        axes.text(right + 0.1, y + 0.87 if y < top else 8.3, made, va="center", fontsize=9)
    _box(axes, (middle, low), MIDDLE[0], 3.0, COLOURS["together"])
    draw_arrow(axes, (left, heights[2] - 0.4), (middle - 1.0, low + 0.4))
    draw_arrow(axes, (middle + 1.0, low + 0.4), (right, heights[2] - 0.4))
    axes.text(middle, low + 0.68, f"cells: {MIDDLE[1]}", ha="center", va="center", fontsize=9)
    across = heights[1] - 0.87
    axes.plot((left + 1.75, right - 0.4), (across, across), color=GREY, lw=2)
    axes.text(middle + 0.3, across + 0.08, "added", ha="center", va="bottom", fontsize=9)
    draw_arrow(axes, (right - 0.4, across), (right - 0.03, across), colour=GREY)
    _sentence(axes, (heights[1], low), (left - 1.45, middle - 1.55))
    return axes


def _sentence(axes: Axes, heights: Sequence[float], edges: Sequence[float]) -> None:
    """What a sentence becomes, at the left.

    heights, edges: of the block and of the transformer that read it.
    """
    green, (block, low) = COLOURS["text"], heights
    axes.text(1.1, 8.9, "sentence: L ids", ha="center", va="center", fontsize=10)
    draw_arrow(axes, (1.1, 8.65), (1.1, 7.9))
    _box(axes, (1.1, 7.5), "GRU", 1.9, green)
    draw_arrow(axes, (1.4, 7.1), (1.4, block + 0.4))
    axes.text(1.5, 6.63, "mean: 96", va="center", fontsize=9)
    _box(axes, (1.4, block), "linear", 1.3, green)
    draw_arrow(axes, (1.4, block - 0.95), (1.4, block - 0.4))
    axes.text(1.4, block - 1.0, "waves\nof t: 96", va="top", ha="center", fontsize=9)
    draw_arrow(axes, (2.07, block), (edges[0], block), colour=green)
    axes.text(2.1, block + 0.12, "96", va="bottom", fontsize=9)
    axes.text(2.1, block - 0.15, "FiLM", va="top", fontsize=9, color=green)
    axes.plot((0.4, 0.4), (7.1, low), color=green, lw=1.6)
    draw_arrow(axes, (0.4, low), (edges[1], low), colour=green)
    axes.text(0.55, low + 0.1, "tokens: L × 96", va="bottom", fontsize=9)


@book_style()
def plot_lines_and_paths(lines: Tensor, paths: Tensor) -> list[Axes]:
    """Numbers over time: on the lines that a flow learns from, and on the paths that it takes.

    lines, paths: (times, n), at even times from 0 to 1. Raises ValueError for another shape.
    """
    if lines.shape != paths.shape or lines.ndim != 2:
        raise ValueError(
            f"lines and paths must both be (times, n), not {tuple(lines.shape)} and "
            f"{tuple(paths.shape)}"
        )
    _, panels = figure(3.2, 1, 2, sharey=True)
    times = [step / (len(lines) - 1) for step in range(len(lines))]
    for panel, walks, title in zip(
        panels, (lines, paths), ("lines to learn from", "paths of the mean velocity"), strict=True
    ):
        panel.plot(times, walks.numpy(), color=BLUE, lw=1.2)
        panel.set(title=title, xlabel="time t", xticks=(0, 0.5, 1), yticks=(-2, -1, 0, 1, 2))
    panels[0].set_ylabel("place x")
    return panels


@book_style()
def plot_crowds(
    rows: Mapping[str, Sequence[Tensor]], titles: Sequence[str], target: Tensor | None = None
) -> list[Axes]:
    """Crowds of points on a plane: rows of panels of the same size, below the titles of columns.

    rows: {label: (n, 2) points of each panel}. target: (m, 2), where points should be, in grey.
    Raises ValueError for a row that has not one panel a title.
    """
    wrong = {name: len(crowds) for name, crowds in rows.items() if len(crowds) != len(titles)}
    if wrong:
        raise ValueError(f"{len(titles)} titles, but these rows have as many panels: {wrong}")
    height = 0.35 + 6.0 / len(titles) * len(rows)
    _, panels = figure(height, len(rows), len(titles), sharex=True, sharey=True)
    for row, (name, crowds) in enumerate(rows.items()):
        line = panels[row * len(titles) : (row + 1) * len(titles)]
        line[0].set_ylabel(name, fontsize=12)
        for panel, points in zip(line, crowds, strict=True):
            if target is not None:
                panel.scatter(*target.T, s=3, color=GREY, linewidths=0)
            panel.scatter(*points.T, s=4, alpha=0.8, color=RED, linewidths=0)
            panel.set(aspect="equal", xticks=[], yticks=[], xlim=(-3.7, 3.7), ylim=(-3.7, 3.7))
            panel.spines[:].set(visible=True, color=GREY)
    for panel, title in zip(panels, titles, strict=False):
        panel.set_title(title, fontsize=12)
    return panels


def _heading(axes: Axes, y: float, words: str) -> None:
    axes.text(0.1, y, words, va="center", fontsize=11, weight="bold")

"""Pictures of descent: one step, paths over landscapes, rates tried, matrices made orthogonal."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.boxes import draw_box
from mmbook.plotting.style import BLACK, BLUE, GREY, RED, book_style, figure
from mmbook.plotting.training import COLOURS, STYLES

_box = partial(draw_box, height=0.9, fontsize=11)


@book_style()
def plot_paths(
    landscapes: Mapping[str, tuple[Callable[[Tensor], Tensor], Mapping[str, Tensor]]],
    bounds: tuple[float, float, float, float],
    target: tuple[float, float] | None = None,
    height: float = 4.4,
) -> list[Axes]:
    """Paths of several rules over landscapes, one landscape below the other.

    landscapes: {title: (function of points (..., 2), {rule: path (steps, 2)})}.
    bounds: left, right, bottom, top of every panel. target: the lowest point, drawn as a star.
    """
    _, axes = figure(height * len(landscapes), rows=len(landscapes))
    left, right, bottom, top = bounds
    x, y = torch.linspace(left, right, 200), torch.linspace(bottom, top, 200)
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)  # (200, 200, 2)
    for panel, (title, (function, paths)) in zip(axes, landscapes.items(), strict=True):
        heights = function(grid.double()).clamp(min=1e-9).log10()
        panel.contour(x, y, heights, levels=7, colors=GREY, linewidths=1, linestyles="-")
        for number, (name, path) in enumerate(paths.items()):
            style, colour = STYLES[number], COLOURS[number]
            panel.plot(*path.T, style, color=colour, marker=".", markersize=3, lw=1.6, label=name)
        if target is not None:
            panel.plot(*target, "*", color=BLACK, markersize=14)
        panel.set(xlim=(left, right), ylim=(bottom, top), title=title)
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return axes


@book_style()
def plot_range_test(
    rates: list[float],
    losses: list[float],
    smoothed: list[float],
    marks: Mapping[str, float],
    sweep: tuple[list[float], Tensor],
) -> list[Axes]:
    """A range test above, and below it what whole runs at such rates reached.

    marks: labelled rates. sweep: rates, and accuracies in 0..1 (rates, seeds).
    """
    _, axes = figure(5.4, rows=2, sharex=True)
    test, runs = axes
    test.plot(rates, losses, color=GREY, linewidth=1)
    test.plot(rates, smoothed, color=BLUE)
    test.set(xscale="log", ylabel="loss", ylim=(0, 1.6 * losses[0]))
    tried, scores = sweep
    for column in (100 * scores).T:
        runs.plot(tried, column, "o", color=GREY, markersize=4)
    runs.plot(tried, 100 * scores.mean(dim=1), "o-", color=BLACK)
    runs.set(xlabel="learning rate", ylabel="right answers (%)", ylim=(0, 100))
    for number, (label, rate) in enumerate(marks.items()):
        for panel in axes:
            panel.axvline(rate, color=RED, linestyle=STYLES[number], label=label, zorder=0)
    test.legend(loc="upper left")
    return axes


@book_style()
def plot_singular_values(curve: tuple[Tensor, Tensor], found: tuple[Tensor, Tensor]) -> Axes:
    """What an iteration makes of singular values; curve and found: (before, after), each (n,)."""
    panel = figure(3.4)[1][0]
    panel.plot(*curve, color=BLUE, label="the polynomial, five times")
    panel.plot(*found, "o", color=RED, markersize=5, label="a random matrix")
    panel.axhline(1, color=GREY, linestyle="--", zorder=0)
    panel.set(xscale="log", xlabel="singular value before", ylabel="after", ylim=(0, 1.4))
    panel.legend()
    return panel


@book_style()
def draw_step() -> Axes:
    """One step of any optimiser, with the sizes of what goes along each arrow."""
    _, (axes,) = figure(3.3)
    axes.set(xlim=(0, 10), ylim=(0.2, 5.4))
    axes.axis("off")
    _box(axes, (1.5, 4.0), "parameters θ", 2.3, BLUE)
    _box(axes, (6.0, 4.0), "loss of a batch", 2.5, BLACK)
    _box(axes, (6.0, 1.4), "rule", 2.5, RED)
    _box(axes, (9.1, 1.4), "memory", 1.5, GREY)
    _arrow(axes, (2.65, 4.0), (4.75, 4.0))
    axes.text(3.7, 4.12, "θ: P", ha="center", va="bottom", fontsize=11)
    _arrow(axes, (6.0, 3.55), (6.0, 1.85))
    axes.text(6.15, 2.7, "gradient g: P", va="center", fontsize=11)
    _arrow(axes, (8.35, 1.4), (7.25, 1.4), "<|-|>")
    axes.text(7.8, 0.85, "0, P or 2 P", ha="center", va="top", fontsize=11)
    axes.plot((4.75, 1.5), (1.4, 1.4), color=BLACK, lw=1.6)
    _arrow(axes, (1.5, 1.4), (1.5, 3.55))
    axes.text(3.1, 1.52, "change Δ: P", ha="center", va="bottom", fontsize=11)
    axes.text(1.65, 2.7, "added", va="center", fontsize=11)
    return axes


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], style: str = "-|>"
) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": style, "lw": 1.6, "color": BLACK})

"""Pictures of a shared space: its two encoders, who resembles whom, and what was never paired."""

from collections.abc import Mapping, Sequence
from math import cos, pi, sin

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from torch import Tensor

from mmbook.plotting.style import BLACK, COLOURS, GREY, MARKERS, book_style, figure

Summary = tuple[float, float]  # mean and standard deviation
_ARROW = {"arrowstyle": "-|>", "lw": 2}


@book_style()
def draw_two_encoders() -> Axes:
    """A picture and a sentence on their ways to a vector of length one in the same space."""
    _, (axes,) = figure(4.0)
    axes.set(xlim=(0, 10), ylim=(0, 5.3), aspect="equal")
    axes.axis("off")
    for height, name, shape, steps in (
        (4.1, "image", "(B, 3, 32, 32)", ("CNN", "linear", "÷ length")),
        (1.1, "text", "(B, 12) ids", ("GRU", "linear", "÷ length")),
    ):
        colour = COLOURS[name]
        axes.text(0.1, height + 0.5, name, ha="left", fontsize=12, weight="bold", color=colour)
        axes.text(0.0, height - 0.95, shape, ha="left", fontsize=9)
        for place, (step, after) in enumerate(
            zip(steps, ("(B, 96)", "(B, d)", "(B, d)"), strict=True)
        ):
            x = 1.15 + 1.75 * place
            axes.annotate("", (x + 0.35, height), (x - 0.33, height), arrowprops=_ARROW)
            axes.add_patch(
                Rectangle((x + 0.37, height - 0.33), 1.1, 0.66, fc="white", ec=colour, lw=2.2)
            )
            axes.text(x + 0.92, height, step, ha="center", va="center", fontsize=10)
            axes.text(x + 1.75, height + 0.5, after, ha="center", fontsize=9)
        axes.annotate("", (6.8, height), (6.05, height), arrowprops=_ARROW)
    axes.add_patch(Circle((8.4, 2.6), 1.45, fc="none", ec=GREY, lw=2))
    for angle, name in ((62, "image"), (38, "text"), (200, "image"), (221, "text")):
        tip = (8.4 + 1.45 * cos(angle * pi / 180), 2.6 + 1.45 * sin(angle * pi / 180))
        arrow = {"arrowstyle": "-|>", "lw": 2.4, "color": COLOURS[name]}
        axes.annotate("", tip, (8.4, 2.6), arrowprops=arrow)
    axes.text(8.4, 0.72, "pairs in one direction", ha="center", fontsize=10.5)
    return axes


@book_style()
def plot_similarities(
    scores: Tensor, rows: Sequence[str], columns: Sequence[str], related: Tensor | None = None
) -> Axes:
    """Cosines of all rows with all columns; pairs have a black frame.

    scores: (n, n), row i and column i a pair. related: (n, n) boolean, what is right as well and
    counted as wrong, which gets a dashed frame.
    """
    n = len(scores)
    _, (axes,) = figure(4.6)
    drawn = axes.imshow(scores.numpy(), cmap="RdBu_r", vmin=-1, vmax=1)
    axes.figure.colorbar(drawn, ax=axes, label="cosine", shrink=0.85)
    for i in range(n):
        for j in range(n):
            same = related is not None and bool(related[i, j]) and i != j
            if i == j or same:
                style = "--" if same else "-"
                axes.add_patch(
                    Rectangle((j - 0.46, i - 0.46), 0.92, 0.92, fill=False, ec=BLACK, ls=style)
                )
    axes.set_xticks(range(n), columns, rotation=60, ha="right", fontsize=11)
    axes.set_yticks(range(n), rows, fontsize=11)
    for side in axes.spines.values():
        side.set_visible(False)
    return axes


@book_style()
def plot_floor(losses: Sequence[float], floor: float, chance: float) -> Axes:
    """A loss over the steps between what guessing costs and what cannot be undercut."""
    _, (axes,) = figure(3.6)
    axes.plot(losses, color=GREY, lw=1)
    width = max(1, len(losses) // 20)
    mean = np.convolve(losses, np.ones(width) / width, mode="valid")
    axes.plot(np.arange(width - 1, len(losses)), mean, color=COLOURS["together"], label="loss")
    axes.axhline(chance, color=COLOURS["baseline"], ls=":", label="guessing, log B")
    axes.axhline(floor, color=COLOURS["late fusion"], ls="--", label="the floor")
    axes.set(xlabel="step", ylabel="loss in nats", ylim=(0, 1.05 * max(chance, *losses)))
    axes.legend(loc="lower left")
    return axes


@book_style()
def draw_bindings(
    trained: Mapping[tuple[str, str], Summary], found: Mapping[tuple[str, str], Summary]
) -> Axes:
    """Three senses, solid lines between those that were paired, dashed between the others.

    Both: {(sense, sense): (mean, standard deviation) of the accuracy}, the senses of "image",
    "text" and "audio".
    """
    places = {"image": (0, 0), "text": (3, 2.5), "audio": (6, 0)}
    _, (axes,) = figure(3.9)
    axes.set(xlim=(-0.8, 6.8), ylim=(-0.8, 3.3), aspect="equal")
    axes.axis("off")
    for pairs, style in ((trained, "-"), (found, "--")):
        for (first, second), (mean, spread) in pairs.items():
            (x, y), (x2, y2) = places[first], places[second]
            axes.plot((x, x2), (y, y2), ls=style, color=BLACK, lw=2.2, zorder=1)
            words = f"{100 * mean:.1f} ± {100 * spread:.1f} %"
            box = {"fc": "white", "ec": "none", "pad": 2.5}
            where = ((x + x2) / 2, (y + y2) / 2)
            axes.text(where[0], where[1], words, ha="center", va="center", fontsize=11.5, bbox=box)
    for name, place in places.items():
        axes.add_patch(Circle(place, 0.55, fc="white", ec=COLOURS[name], lw=2.6, zorder=2))
        axes.text(place[0], place[1], name, ha="center", va="center", fontsize=12, zorder=3)
    return axes


@book_style()
def draw_space(points: Mapping[str, tuple[Tensor, Sequence[str]]]) -> Axes:
    """Where samples lie in two directions of the space, a sign and a colour a sense.

    points: {sense: ((n, 2), n labels)}; a label stands at the middle of the points that share it.
    """
    _, (axes,) = figure(4.8)
    for name, (values, labels) in points.items():
        sign = MARKERS.get(name, "o")
        axes.scatter(*values.T, s=14, alpha=0.35, color=COLOURS[name], marker=sign, label=name)
        for label in dict.fromkeys(labels):
            rows = [row for row, other in enumerate(labels) if other == label]
            x, y = values[rows].mean(dim=0).tolist()
            axes.text(x, y, label, color=COLOURS[name], weight="bold", fontsize=12, ha="center")
    axes.set(xlabel="first direction", ylabel="second direction")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.14), ncols=3)
    return axes

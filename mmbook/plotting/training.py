"""Pictures of runs: curves over steps, what chance does to results, confidence against truth."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from scipy import stats
from torch import Tensor

from mmbook.plotting.style import (
    BLACK,
    BLUE,
    CYAN,
    GREEN,
    GREY,
    PURPLE,
    RED,
    book_style,
    figure,
)

COLOURS = (BLUE, RED, BLACK, GREEN, PURPLE, CYAN)
STYLES = ("-", "--", "-.", ":", "-", "--")
Line = tuple[Sequence[float] | Tensor, Sequence[float] | Tensor]


@book_style()
def draw_loop(batch: int, inputs: int, classes: int, weights: int) -> Axes:
    """One step of training: forward along the top, backward below, with the shape on every arrow.

    batch: samples of a step; inputs: numbers in a sample; classes: scores; weights: numbers in Θ.
    """
    panel = figure(3.4)[1][0]
    panel.set(xlim=(0, 10), ylim=(0, 5.2))
    panel.axis("off")
    below, above = 1.2, 3.8
    scores = f"{batch} × {classes}"
    for x, y, words, colour in (
        (1.0, above, "batch", GREY),
        (4.1, above, "model Θ", BLUE),
        (8.4, above, "loss", BLACK),
        (8.4, below, "p − truth", RED),
        (4.1, below, "chain rule", RED),
        (1.0, below, "step", GREEN),
    ):
        panel.add_patch(Rectangle((x - 0.95, y - 0.45), 1.9, 0.9, fc="white", ec=colour, lw=2.5))
        panel.text(x, y, words, ha="center", va="center", fontsize=12, weight="bold")
    turn = 3.3  # where the new weights go up to the model
    for start, end, words in (
        ((1.95, above), (3.15, above), f"{batch} × {inputs}"),
        ((5.05, above), (7.45, above), f"scores: {scores}"),
        ((8.4, above - 0.45), (8.4, below + 0.45), "1 number"),
        ((7.45, below), (5.05, below), f"∂L/∂z: {scores}"),
        ((3.15, below), (1.95, below), f"∇L: {weights:,}"),
        ((1.0, below + 0.45), (turn, above - 0.45), f"new Θ: {weights:,}"),
    ):
        panel.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 1.6, "color": BLACK})
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        upright, slanting = start[0] == end[0], start[1] != end[1] and start[0] != end[0]
        x, y = (x - 0.1, y) if upright else (x + 0.15, y - 0.1) if slanting else (x, y + 0.28)
        side = "right" if upright else "left" if slanting else "center"
        panel.text(x, y, words, ha=side, va="center", fontsize=10)
    panel.text(4.1, 5.0, "forward", ha="center", va="center", fontsize=11, color=BLUE)
    panel.text(4.1, 0.25, "backward", ha="center", va="center", fontsize=11, color=RED)
    return panel


@book_style()
def plot_curves(
    curves: Mapping[str, Line],
    xlabel: str = "steps",
    ylabel: str = "loss",
    marks: Mapping[str, float] | None = None,
    height: float = 3.6,
    **axis: object,
) -> Axes:
    """Curves in one panel, each a pair of places and values, and labelled upright lines.

    axis: what `Axes.set` takes, such as `yscale="log"`.
    """
    panel = figure(height)[1][0]
    for number, (label, (places, values)) in enumerate(curves.items()):
        panel.plot(places, values, STYLES[number], color=COLOURS[number], label=label)
    for number, (label, place) in enumerate((marks or {}).items()):
        panel.axvline(place, color=GREY, linestyle=STYLES[number], label=label, zorder=0)
    panel.set(xlabel=xlabel, ylabel=ylabel, **axis)
    panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return panel


@book_style()
def plot_fits(fits: Mapping[str, tuple[Sequence[float], Tensor, Tensor]]) -> list[Axes]:
    """Training and held-out losses side by side for each model.

    fits: {name: (steps, training losses, held-out losses)}.
    """
    _, axes = figure(2.9, columns=len(fits), sharey=True)
    for panel, (name, (steps, training, held_out)) in zip(axes, fits.items(), strict=True):
        panel.plot(steps, training, "-", color=BLUE, label="training")
        panel.plot(steps, held_out, "--", color=RED, label="held out")
        panel.set(xlabel="steps", title=name, ylim=(0, 2.6))
    axes[0].set_ylabel("loss")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return axes


@book_style()
def plot_differences(
    differences: Mapping[int, Tensor], claim: float, bin_width: float
) -> list[Axes]:
    """What comparisons of equal programs find, for several numbers of seeds.

    differences: {seeds in each arm: (comparisons,) in points}. claim: drawn to both sides.
    bin_width: of the histograms, whose middle bin is centred at 0.
    """
    _, axes = figure(1.35 * len(differences) + 0.7, rows=len(differences), sharex=True)
    reach = max(float(values.abs().max()) for values in differences.values())
    bins = int(reach / bin_width) + 1  # on each side of the middle one
    edges = [(bin_ - 0.5) * bin_width for bin_ in range(-bins, bins + 2)]
    for panel, (seeds, values) in zip(axes, differences.items(), strict=True):
        panel.hist(values.numpy(), edges, color=BLUE)
        for side in (-claim, claim):
            panel.axvline(side, color=RED, linestyle="--")
        panel.set(yticks=[])
        panel.set_title(f"{seeds} seed{'s' * (seeds > 1)} each", loc="left")
    axes[-1].set_xlabel("difference of two equal programs (points)")
    return axes


@book_style()
def plot_seeds(arms: Mapping[str, Tensor], xlabel: str = "right answers (%)") -> Axes:
    """A row for each arm: a dot for each seed, and the mean with its 95 % interval below.

    arms: {name: (seeds,)}, two at least. The interval is that of Student's t.
    """
    panel = figure(0.62 * len(arms) + 1.1)[1][0]
    for row, values in enumerate(arms.values()):
        far = stats.t.ppf(0.975, len(values) - 1)
        half = far * float(values.std()) / len(values) ** 0.5
        spread = 0.16 * np.sin(2.4 * np.arange(len(values)))  # so that dots do not cover others
        panel.plot(values.numpy(), row - 0.1 + spread, "o", color=GREY, markersize=4)
        panel.errorbar(float(values.mean()), row + 0.28, xerr=half, fmt="D", color=BLACK, capsize=5)
    panel.set(yticks=range(len(arms)), yticklabels=list(arms), xlabel=xlabel)
    panel.invert_yaxis()
    return panel


@book_style()
def plot_reliability(models: Mapping[str, tuple[Tensor, Tensor]], bins: int = 8) -> Axes:
    """How often answers are right, by how sure the model was of them.

    models: {name: (confidence (n,), whether right (n,))}. Bins hold equally many answers.
    """
    panel = figure(4.2)[1][0]
    panel.plot([0, 1], [0, 1], color=GREY, label="as sure as right", zorder=0)
    for number, (name, (confidence, right)) in enumerate(models.items()):
        order = confidence.argsort()
        groups = [order[part] for part in np.array_split(np.arange(len(order)), bins)]
        places = [float(confidence[group].mean()) for group in groups]
        shares = [float(right[group].float().mean()) for group in groups]
        panel.plot(
            places, shares, "os^"[number] + STYLES[number], color=COLOURS[number], label=name
        )
    panel.set(xlabel="confidence", ylabel="right answers", xlim=(0, 1.02), ylim=(0, 1.02))
    panel.legend()
    return panel

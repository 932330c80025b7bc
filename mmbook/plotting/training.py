"""Pictures of runs: curves over steps, what chance does to results, confidence against truth."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
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

    arms: {name: (seeds,)}.
    """
    panel = figure(0.62 * len(arms) + 1.1)[1][0]
    for row, values in enumerate(arms.values()):
        half = 1.96 * float(values.std()) / len(values) ** 0.5
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

"""What two senses tell about an answer: the answers themselves, the bits, and how they mislead."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Patch
from torch import Tensor

from mmbook.plotting.style import BLACK, COLOURS, GREY, PURPLE, YELLOW, book_style, figure

PARTS = {
    "redundancy": GREY,
    "unique 1": COLOURS["image"],
    "unique 2": COLOURS["audio"],
    "synergy": YELLOW,
}


def plot_answers(answers: Mapping[str, Tensor]) -> list[Axes]:
    """A square for each game: the answer for each pair of digits.

    answers: {game: (10, 10)}, row the picture's digit and column the clip's, NaN where the pair
    does not occur. One hue runs from the smallest answer (light) to the largest (dark).
    """
    columns = min(3, len(answers))
    rows = -(-len(answers) // columns)
    drawn, axes = figure(7.35 / columns * rows, rows, columns, sharex=True, sharey=True)
    with book_style():
        for ax, (name, table) in zip(axes, answers.items(), strict=False):
            ax.imshow(table.numpy(), cmap="Blues", vmin=-1, vmax=float(table.nan_to_num().max()))
            ax.set_title(name)
            ax.set_xticks([0, 5, 9])
            ax.set_yticks([0, 5, 9])
        for ax in axes[len(answers) :]:
            ax.set_axis_off()
        drawn.supxlabel("digit heard", fontsize=13)
        drawn.supylabel("digit seen", fontsize=13)
    return axes


def plot_parts(
    exact: Mapping[str, Mapping[str, float]],
    measured: Mapping[str, Mapping[str, float]] | None = None,
) -> Axes:
    """A bar of bits for each game, cut into redundancy, unique information and synergy.

    exact, measured: {game: what `mmbook.evaluation.partial_information` returns}. Where measured
    values are given, they stand below the exact ones in thinner bars.
    """
    names = list(exact)
    _, (ax,) = figure(0.72 * len(names) + 1.3)
    with book_style():
        for row, name in enumerate(names):
            _stack(ax, exact[name], row if measured is None else row - 0.17, 0.4)
            if measured is not None:
                _stack(ax, measured[name], row + 0.22, 0.22)
        ax.set_yticks(range(len(names)), names)
        ax.invert_yaxis()
        ax.set_xlabel("bits about the answer")
        patches = [Patch(color=colour) for colour in PARTS.values()]
        labels = ["redundancy", "only the picture", "only speech", "synergy"]
        ax.figure.legend(patches, labels, loc="outside upper center", ncols=2)
    return ax


def _stack(ax: Axes, parts: Mapping[str, float], height: float, thickness: float) -> None:
    start = 0.0
    for part, colour in PARTS.items():
        ax.barh(height, max(parts[part], 0), thickness, left=start, color=colour)
        start += max(parts[part], 0)


def plot_through_noise(levels: Sequence[str], curves: Mapping[str, Sequence[float]]) -> Axes:
    """One line for each quantity in bits, over levels of noise from none to much.

    curves: {name: one value a level}; each line carries its name at its right end.
    """
    _, (ax,) = figure(3.6)
    colours = [BLACK, GREY, YELLOW, PURPLE]
    with book_style():
        for (name, values), colour, marker in zip(curves.items(), colours, "osD^", strict=False):
            ax.plot(
                levels, values, color=colour, marker=marker, markeredgecolor="black", label=name
            )
        ax.set_xlabel("noise of the picture, signal-to-noise ratio of the speech")
        ax.set_ylabel("bits")
        ax.set_ylim(bottom=0)
        ax.legend()
    return ax


def plot_bias(
    sizes: Sequence[int], measured: Sequence[float], predicted: Sequence[float], limit: float
) -> Axes:
    """Mutual information of independent variables as estimated from few pairs, in bits.

    sizes: numbers of pairs. measured: mean estimates. predicted: the bias that the formula gives.
    limit: the most that two variables of this many values can share.
    """
    _, (ax,) = figure(3.6)
    with book_style():
        ax.plot(sizes, predicted, color=GREY, label="Miller's formula")
        ax.plot(sizes, measured, "o", color=COLOURS["together"], label="measured")
        ax.axhline(limit, color=COLOURS["image"], linestyle=":", label="a digit's entropy")
        ax.set(xscale="log", yscale="log", xlabel="pairs", ylabel="bits where the truth is 0")
        ax.legend()
    return ax

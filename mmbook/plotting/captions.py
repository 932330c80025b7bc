"""Pictures of captioning: the system with its shapes, and where it errs."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mmbook.plotting.style import BLACK, BLUE, COLOURS, GREY, PURPLE, RED, book_style, figure

Summary = tuple[float, float]  # mean and standard deviation
_ARROW = {"arrowstyle": "-|>", "lw": 2, "color": BLACK}


@book_style()
def draw_captioner() -> Axes:
    """A picture becomes tokens; a decoder looks at them, reads what it wrote, and scores words."""
    _, (axes,) = figure(3.6)
    axes.set(xlim=(0, 10), ylim=(-0.3, 4.9))
    axes.axis("off")
    for x, y, width, words, colour in (
        (2.6, 3.6, 1.9, "CNN +\npositions", COLOURS["image"]),
        (6.6, 3.6, 1.9, "decoder", COLOURS["together"]),
        (6.6, 1.0, 1.9, "embedding", COLOURS["text"]),
    ):
        corner = (x - width / 2, y - 0.55)
        axes.add_patch(Rectangle(corner, width, 1.1, fc="white", ec=colour, lw=2.2))
        axes.text(x, y, words, ha="center", va="center", fontsize=11)
    for start, end, shape, where in (
        ((0.2, 3.6), (1.65, 3.6), "(B, 3, 64, 64)", (0.0, 4.35)),
        ((3.55, 3.6), (5.65, 3.6), "(B, 64, 96)", (3.75, 3.85)),
        ((6.6, 1.55), (6.6, 3.05), "(B, t, 96)", (6.75, 2.2)),
        ((7.55, 3.6), (9.0, 3.6), "(B, t, V)", (7.75, 3.85)),
        ((4.4, 1.0), (5.65, 1.0), "(B, t) ids", (4.2, 1.25)),
    ):
        axes.annotate("", end, start, arrowprops=_ARROW)
        axes.text(*where, shape, ha="left", fontsize=10)
    axes.text(0.0, 3.0, "picture", fontsize=12, weight="bold", color=COLOURS["image"])
    axes.text(3.75, 3.1, "tokens", fontsize=11, color=COLOURS["image"])
    axes.text(2.0, 0.9, "words so far", fontsize=12, weight="bold", color=COLOURS["text"])
    axes.text(9.1, 3.5, "scores", fontsize=11)
    axes.plot((9.5, 9.5, 3.1), (3.3, -0.15, -0.15), color=BLACK, lw=2, ls="--")
    axes.annotate("", (3.1, 0.65), (3.1, -0.19), arrowprops={**_ARROW, "ls": "--"})
    axes.text(6.6, -0.05, "the chosen word is read next", ha="center", va="bottom", fontsize=10)
    return axes


@book_style()
def plot_shares(bars: Mapping[str, Mapping[str, Summary]], xlabel: str, low: float = 0.0) -> Axes:
    """Groups of bars, from the top down: {system: {what: (mean, standard deviation)}}, all in %.

    Each system has the same measurements; at the end of each bar stands its mean. low: where the
    axis begins.
    """
    kinds = list(next(iter(bars.values())))
    colours: Sequence[str] = (GREY, BLUE, RED, PURPLE)
    height = 0.8 / len(kinds)
    _, (axes,) = figure(0.34 * len(bars) * (len(kinds) + 0.6) + 1.1)
    for side, kind in enumerate(kinds):
        for place, system in enumerate(bars):
            mean, spread = (100 * value for value in bars[system][kind])
            y = place + (side - (len(kinds) - 1) / 2) * height
            label = kind if place == 0 else ""
            axes.barh(y, mean - low, 0.9 * height, low, color=colours[side], label=label)
            axes.errorbar(mean, y, xerr=spread, color=BLACK, lw=1.5, capsize=2)
            axes.text(mean + spread + 1.0, y, f"{mean:.1f}", va="center", fontsize=10)
    axes.set_yticks(range(len(bars)), list(bars))
    axes.invert_yaxis()
    axes.set(xlim=(low, 109), xlabel=xlabel)
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.28), ncols=len(kinds), fontsize=11)
    return axes


@book_style()
def plot_learning(curves: Mapping[str, Mapping[int, Summary]], ylabel: str) -> Axes:
    """Shares in % over the steps of training: {what: {steps: (mean, standard deviation)}}.

    Each point is a training of its own; steps stand on a logarithmic axis.
    """
    _, (axes,) = figure(3.4)
    for (name, curve), colour, marker in zip(curves.items(), (GREY, BLUE), "os", strict=False):
        means, spreads = zip(*curve.values(), strict=True)
        axes.errorbar(
            [*curve],
            [100 * mean for mean in means],
            yerr=[100 * spread for spread in spreads],
            color=colour,
            marker=marker,
            capsize=3,
            label=name,
        )
    axes.set_xscale("log", base=2)
    steps = sorted({step for curve in curves.values() for step in curve})
    axes.set_xticks(steps, [f"{step:,}".replace(",", " ") for step in steps])
    axes.minorticks_off()
    axes.set(xlabel="steps of training", ylabel=ylabel, ylim=(0, 103))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize=11)
    return axes

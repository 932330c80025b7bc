"""Pictures of privacy: a private step, who sends what, who was in it, and what keeping it costs."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import (
    BLACK,
    BLUE,
    GREY,
    HUES,
    RED,
    book_style,
    figure,
)

Summary = tuple[float, float]  # mean and standard deviation
Curve = tuple[Sequence[float], Sequence[float]]  # false and true positive rates
LINES = ("-", "--", "-.", ":")
STEP = (  # the boxes of a private step, what each does, and the shape of what leaves it
    ("samples", "", r"$(n, \ldots)$"),
    ("draw", "each with\nprobability $q$", r"$(k, \ldots)$"),
    ("gradients", "one for each\nsample", "$(k, P)$"),
    ("clip", "each to length\n$C$ at most", "$(k, P)$"),
    ("add", "and Gaussian\nnoise $σC$", "$(P)$"),
    ("step", "weights less\n$η$ / $B$ of it", "$(P)$"),
)


@book_style()
def draw_private_step() -> Axes:
    """A step of DP-SGD in two rows of three boxes, the shape of what each passes on behind it.

    n samples, k of them drawn, P weights. What touches single samples is red, the rest blue.
    """
    _, (axes,) = figure(3.4)
    axes.set(xlim=(-0.95, 6.0), ylim=(-0.75, 2.75))
    axes.axis("off")
    places = [(column * 2.3, 1.9 - 1.9 * row) for row in (0, 1) for column in range(3)]
    for (x, y), (name, what, _) in zip(places, STEP, strict=True):
        colour = BLUE if name in ("add", "step") else RED
        draw_box(axes, (x, y + 0.28), name, 1.3, colour, 0.5, 11, filled=True)
        axes.text(x, y - 0.06, what, ha="center", va="top", fontsize=9.5)
    for place, ((x, y), (_, _, shape)) in enumerate(zip(places, STEP, strict=True)):
        if place == len(STEP) - 1:
            break
        if place == 2:  # down to the second row, and back to its left end
            axes.plot([x + 0.65, 5.75, 5.75], [y + 0.28, y + 0.28, 0.95], color=BLACK, lw=1.6)
            axes.plot([5.75, -0.85], [0.95, 0.95], color=BLACK, lw=1.6)
            axes.plot([-0.85, -0.85], [0.95, 0.28], color=BLACK, lw=1.6)
            draw_arrow(axes, (-0.85, 0.28), (-0.65, 0.28))
            axes.text(5.68, y + 0.36, shape, ha="right", va="bottom", fontsize=9.5)
            continue
        draw_arrow(axes, (x + 0.65, y + 0.28), (x + 1.65, y + 0.28), shape)
    return axes


@book_style()
def draw_federated_round(names: Sequence[str] = ("speaker 1", "speaker 2", "speaker 3")) -> Axes:
    """Clients below, a server above: weights go down and come back, samples stay in their boxes."""
    _, (axes,) = figure(3.3)
    last = 2.2 * (len(names) - 1)
    axes.set(xlim=(-1.05, last + 1.05), ylim=(-0.45, 2.9))
    axes.axis("off")
    draw_box(axes, (last / 2, 2.5), "server: mean of the weights", 3.6, BLUE, 0.6, 11, filled=True)
    for place, name in enumerate(names):
        x = 2.2 * place
        draw_box(axes, (x, 0.4), f"{name}\ntrains a copy", 1.7, RED, 0.8, 10.5)
        axes.text(x, -0.12, f"$(n_{place + 1}, d)$ stay here", ha="center", va="top", fontsize=9.5)
        middle = last / 2 + (x - last / 2) * 0.6
        for side, start, end in (
            (-0.12, (middle - 0.12, 2.2), (x - 0.12, 0.8)),
            (0.12, (x + 0.12, 0.8), (middle + 0.12, 2.2)),
        ):
            draw_arrow(axes, start, end, colour=BLUE if side < 0 else RED)
        axes.text(
            (x + middle) / 2 + (0.22 if x >= last / 2 else -0.22),
            1.5,
            "$(P)$",
            ha="left" if x >= last / 2 else "right",
            va="center",
            fontsize=9.5,
        )
    return axes


@book_style()
def plot_membership(curves: Mapping[str, Curve], least: float = 1e-3) -> Axes:
    """Members found over others accused, both on logarithmic axes, with the line of guessing.

    curves: {attack: (false positive rates, true positive rates)}. least: where the axes begin.
    """
    _, (axes,) = figure(4.2)
    axes.plot([least, 1], [least, 1], color=GREY, lw=1.5)
    axes.text(0.021, 0.0105, "guessing", color="#777777", fontsize=10.5, rotation=33, ha="center")
    for place, (name, (alarms, found)) in enumerate(curves.items()):
        shown = [(a, max(f, least)) for a, f in zip(alarms, found, strict=True) if a >= least]
        axes.plot(
            *zip(*shown, strict=True),
            color=HUES[place % len(HUES)],
            ls=LINES[place % len(LINES)],
            label=name,
        )
    axes.set(xscale="log", yscale="log", xlim=(least, 1), ylim=(least, 1.05))
    axes.set(xlabel="share of others accused", ylabel="share of members found")
    axes.legend(fontsize=10.5, loc="lower right")
    return axes


@book_style()
def plot_privacy_cost(
    curves: Mapping[str, Mapping[float, Summary]],
    without: Mapping[str, float],
    published: Mapping[str, tuple[float, float]] | None = None,
) -> Axes:
    """Accuracy over epsilon, a line a system, and dashed what it reaches without noise.

    curves: {system: {epsilon: (mean, standard deviation)}}. without: {system: accuracy}.
    published: {name: (epsilon, accuracy)} of others, as stars.
    """
    _, (axes,) = figure(4.0)
    for place, (name, points) in enumerate(curves.items()):
        levels = sorted(points)
        means, spreads = zip(*(points[level] for level in levels), strict=True)
        colour = HUES[place % len(HUES)]
        axes.errorbar(
            levels,
            means,
            yerr=spreads,
            marker="os^D"[place % 4],
            color=colour,
            capsize=4,
            label=name,
        )
        if name in without:
            axes.axhline(without[name], color=colour, ls="--", lw=1.4)
    for place, (name, (epsilon, right)) in enumerate((published or {}).items()):
        axes.plot(epsilon, right, ("*", "P")[place % 2], ms=10, color=BLACK, label=name, ls="none")
    every = sorted({level for points in curves.values() for level in points})
    axes.set(xscale="log", xlabel="epsilon", ylabel="accuracy")
    axes.set_xticks(every, [f"{level:g}" for level in every])
    axes.minorticks_off()
    axes.legend(fontsize=10.5, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=2)
    return axes

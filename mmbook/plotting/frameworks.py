"""One network in several frameworks, drawn: its parts with shapes, and times in rounds."""

from collections.abc import Mapping, Sequence
from statistics import median

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLUE, COLOURS, GREY, RED, book_style, figure


@book_style()
def draw_fusion_network() -> Axes:
    """A picture and a voice to ten scores, the shape of one sample on each arrow."""
    axes = figure(2.7)[1][0]
    axes.set(xlim=(0, 10.4), ylim=(-0.2, 2.7))
    axes.axis("off")
    for y, sense, shape, name, tokens in (
        (2.1, "image", "1 × 28 × 28", "eye:\n4 convolutions", "4 × 32"),
        (0.4, "audio", "32 × 40", "ear:\n4 convolutions,\nlinear", "2 × 32"),
    ):
        colour = COLOURS[sense]
        axes.text(0.05, y, "picture" if sense == "image" else "voice", va="center", fontsize=10)
        draw_arrow(axes, (0.92, y), (2.42, y), shape)
        draw_box(axes, (3.38, y), name, 1.9, colour, 0.95)
        draw_arrow(axes, (4.33, y), (5.5, 1.25 + 0.3 * (y > 1) - 0.15))
        axes.text(4.85, y + (0.02 if y > 1 else -0.1), tokens, fontsize=9, va="center")
    draw_box(axes, (6.35, 1.25), "one question\nasks 6 tokens", 1.7, COLOURS["together"], 0.95)
    draw_arrow(axes, (7.2, 1.25), (8.0, 1.25), "32")
    draw_box(axes, (8.65, 1.25), "linear", 1.3, COLOURS["together"], 0.95)
    draw_arrow(axes, (9.3, 1.25), (10.2, 1.25), "10")
    return axes


@book_style()
def plot_ratios(ratios: Mapping[str, Sequence[float]], unit: str) -> Axes:
    """How long each takes, as a multiple of `unit`: a point a round, a bar at the median.

    ratios: {name: one a round, above 0}. Raises ValueError where there is none, or one is not
    above 0.
    """
    if not ratios or any(not rounds or min(rounds) <= 0 for rounds in ratios.values()):
        raise ValueError("each name needs ratios above 0, one a round")
    axes = figure(0.9 + 0.42 * len(ratios))[1][0]
    axes.axvline(1, color=GREY, ls="--")
    for y, (name, rounds) in enumerate(ratios.items()):
        middle = median(rounds)
        axes.plot(rounds, [y] * len(rounds), ls="", marker="o", color=BLUE, alpha=0.5, label=name)
        axes.plot([middle, middle], [y - 0.3, y + 0.3], color=RED)
    axes.set_yticks(range(len(ratios)), list(ratios))
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel=f"seconds a step, as a multiple of {unit}'s")
    ticks = [
        tick for tick in (0.5, 1, 2, 3, 5, 10, 20) if tick <= 1.3 * max(map(max, ratios.values()))
    ]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
    axes.minorticks_off()
    return axes

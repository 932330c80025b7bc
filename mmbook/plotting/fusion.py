"""Pictures of fusion: where the senses meet, who plays which game, who starves, who is too sure."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from mmbook.plotting.boxes import draw_box
from mmbook.plotting.style import BLACK, COLOURS, GREY, book_style, figure

Summary = tuple[float, float]  # mean and standard deviation
SENSES = (("image", -0.45), ("audio", 0.45))
PARTS = ("encoder", "decoder")
# The shape of what leaves a part: of a sense and of both together. Before the first it has no name.
SHAPES = {
    "": ("", "", ""),
    "encoder": (r"$L_1 \times d$", r"$L_2 \times d$", r"$L \times d$"),
    "decoder": ("$c$", "$c$", "$c$"),
}
_box = partial(draw_box, height=0.4, fontsize=10.5, lw=2.2)


@book_style()
def draw_meeting_places() -> list[Axes]:
    """Three columns, each the way of two senses from input to answer, that meet later and later.

    Beside an arrow stands the shape of what it carries: tokens (length, width), scores (classes,).
    """
    drawn, axes = figure(4.6, 1, 3)
    for ax, kind, meets in zip(
        axes, ("feature", "intermediate", "decision"), range(3), strict=True
    ):
        ax.set(xlim=(-0.9, 0.9), ylim=(-0.4, 4.1), title=f"{kind}\nfusion")
        ax.axis("off")
        _draw_ways(ax, meets)
    drawn.get_layout_engine().set(w_pad=0.02)  # type: ignore[union-attr]
    return axes


@book_style()
def draw_hidden_sense() -> Axes:
    """Image and text on their way to one answer, each through a mask that may hide it.

    Beside an arrow stands the shape of what it carries, for n samples.
    """
    _, (axes,) = figure(5.0)
    axes.set(xlim=(-2.1, 2.1), ylim=(-0.35, 5.1))
    axes.axis("off")
    for name, side, shape, tokens in (
        ("image", -0.75, "$(n, 1, 28, 28)$", "$(n, L_1, d)$"),
        ("text", 0.75, "$(n, 6)$ ids", "$(n, L_2, d)$"),
    ):
        axes.text(side, -0.2, name, ha="center", va="center", fontsize=12)
        for level, (part, carried) in enumerate((("encoder", shape), ("mask", tokens))):
            _arrow(axes, (side, level), (side, level + 0.6), carried)
            _box(axes, (side, level + 0.8), part, 0.9, COLOURS[name])
        _arrow(axes, (side, 2), (side, 2.6), tokens)
        outside = 2.1 if side > 0 else -2.1
        edge = side + 0.47 * (1 if side > 0 else -1)
        axes.annotate("", (edge, 1.8), (outside, 1.8), arrowprops={"arrowstyle": "-|>", "lw": 2})
        label = "there?\n$(n,)$ yes or no"
        axes.text((edge + outside) / 2, 1.86, label, ha="center", va="bottom", fontsize=10)
    _box(axes, (0, 2.8), "fusion", 2.4, COLOURS["together"], filled=True)
    _arrow(axes, (0, 3), (0, 3.6), "$(n, 1, d)$")
    _box(axes, (0, 3.8), "decoder", 2.4, COLOURS["together"])
    _arrow(axes, (0, 4), (0, 4.6), "$(n, 10)$")
    axes.text(0, 4.82, "scores", ha="center", va="center", fontsize=12, weight="bold")
    return axes


def _draw_ways(ax: Axes, meets: int) -> None:
    """Two ways up to the box "fusion", which has `meets` parts of each sense below it."""
    for place, (name, side) in enumerate(SENSES):
        ax.text(side, -0.2, name, ha="center", va="center", fontsize=11.5)
        carried = ""
        for level, part in enumerate(PARTS[:meets]):
            _arrow(ax, (side, level), (side, level + 0.6), SHAPES[carried][place])
            _box(ax, (side, level + 0.8), part, 0.84, COLOURS[name])
            carried = part
        _arrow(ax, (side, meets), (side / 2, meets + 0.6), SHAPES[carried][place])
    _box(ax, (0, meets + 0.8), "fusion", 1.7, COLOURS["together"], filled=True)
    carried = PARTS[meets - 1] if meets else ""
    for level, part in enumerate(PARTS[meets:], meets + 1):
        _arrow(ax, (0, level), (0, level + 0.6), SHAPES[carried][2])
        _box(ax, (0, level + 0.8), part, 1.7, COLOURS["together"])
        carried = part
    _arrow(ax, (0, 3), (0, 3.6), SHAPES[carried][2])
    ax.text(0, 3.82, "answer", ha="center", va="center", fontsize=12, weight="bold")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], shape: str) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 2})
    middle = ((start[0] + end[0]) / 2 + 0.06, (start[1] + end[1]) / 2 - 0.04)
    axes.text(*middle, shape, ha="left", va="center", fontsize=10.5)


@book_style()
def draw_game_scores(
    scores: Mapping[str, Mapping[str, Summary]], references: Sequence[str]
) -> Axes:
    """A table of accuracies in percent, a row a system and a column a game, darker where higher.

    scores: {system: {game: (mean, standard deviation)}}, accuracies from 0 to 1. references: the
    systems that are no fusions and stand apart, below a line. Raises ValueError where a system
    lacks a game that the first has.
    """
    games = list(next(iter(scores.values())))
    if lacking := [name for name, row in scores.items() if list(row) != games]:
        raise ValueError(f"each system needs the games {games}; these differ: {lacking}")
    order = [s for s in scores if s not in references] + [s for s in scores if s in references]
    _, (axes,) = figure(0.7 + 0.34 * len(order))
    table = [[100 * scores[system][game][0] for game in games] for system in order]
    axes.imshow(table, cmap="Blues", vmin=30, vmax=140, aspect="auto")
    for row, system in enumerate(order):
        for column, game in enumerate(games):
            mean, spread = scores[system][game]
            words = f"{100 * mean:.1f} ± {100 * spread:.1f}"
            axes.text(column, row, words, ha="center", va="center", fontsize=10)
    axes.set_xticks(range(len(games)), games)
    axes.set_yticks(range(len(order)), order, fontsize=11.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.axhline(len(order) - len(references) - 0.5, color=BLACK, lw=2)
    return axes


@book_style()
def draw_starving(bars: Mapping[str, Mapping[str, Summary]], level: Summary, label: str) -> Axes:
    """Groups of bars of accuracies, with a line for what one sense reaches when trained alone.

    bars: {system: {measurement: (mean, standard deviation)}}, the same measurements for each.
    level, label: of the line. Error bars are one standard deviation over the seeds.
    """
    kinds = list(next(iter(bars.values())))
    colours = (COLOURS["together"], COLOURS["image"], GREY)
    _, (axes,) = figure(4.2)
    width = 0.8 / len(kinds)
    for place, kind in enumerate(kinds):
        means, spreads = zip(*(bars[system][kind] for system in bars), strict=True)
        where = [group + (place - (len(kinds) - 1) / 2) * width for group in range(len(bars))]
        axes.bar(
            where, means, 0.92 * width, yerr=spreads, capsize=3, color=colours[place], label=kind
        )
    axes.axhline(level[0], color=COLOURS["image"], ls="--", lw=1.8, label=label)
    axes.set_xticks(range(len(bars)), list(bars))
    axes.set(ylim=(0, 1.02), ylabel="accuracy")
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2, fontsize=11)
    return axes


@book_style()
def draw_overconfidence(bars: Mapping[str, Mapping[str, Summary]]) -> Axes:
    """How much surer than right a model is, a group of bars for each way to mend it.

    bars: {way: {whose voices: (mean, standard deviation)}}, "known" and "new" for each; 0 is right,
    and what is right of it is too sure. Error bars are one standard deviation over seeds.
    """
    _, (axes,) = figure(0.55 * len(bars) + 1.2)
    colours = {"known": COLOURS["baseline"], "new": COLOURS["audio"]}
    for place, way in enumerate(bars):
        for side, (whose, colour) in enumerate(colours.items()):
            mean, spread = bars[way][whose]
            bar = axes.barh(place + 0.38 * side, mean, 0.34, xerr=spread, color=colour)
            bar.set_label("" if place else f"{whose} voices")
    axes.axvline(0, color=BLACK, lw=1.5)
    axes.set_yticks([place + 0.19 for place in range(len(bars))], list(bars))
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MultipleLocator(0.1))
    axes.set(xlabel="confidence minus accuracy")
    axes.legend(loc="lower right", fontsize=11)
    return axes

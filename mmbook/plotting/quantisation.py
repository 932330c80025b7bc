"""Weights in few bits, drawn: the way there and back, and what it costs in quality."""

from collections.abc import Mapping, Sequence
from math import isfinite

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, GREY, MARKERS, RED, YELLOW, book_style, figure

_COLOURS, _MARKERS = (RED, BLUE, YELLOW), tuple(MARKERS.values())


@book_style()
def draw_quantisation() -> Axes:
    """A kernel on its way to a file and back, for one scale and for one scale a row."""
    axes = figure(3.5)[1][0]
    axes.set(xlim=(0, 9.6), ylim=(-0.6, 3.5))
    axes.axis("off")
    for y, name, scale, colour in (
        (2.1, "one scale", "(1, 1, 1, 1)", RED),
        (0.3, "a scale a row", "(96, 1, 1, 1)", BLUE),
    ):
        axes.text(0.05, y + 0.85, name, fontsize=11, weight="bold", color=colour)
        axes.text(0.05, y, "weights\n(96, 48, 3, 3)\nfloat32", va="center", fontsize=9.5)
        draw_arrow(axes, (1.75, y), (2.25, y))
        draw_box(axes, (3.2, y), "divide,\nround", 1.8, colour, 0.9)
        draw_arrow(axes, (4.15, y), (6.15, y), "(96, 48, 3, 3)")
        axes.text(5.1, y - 0.14, "int8", ha="center", va="top", fontsize=9)
        draw_box(axes, (7.0, y), "multiply", 1.6, colour, 0.9)
        draw_arrow(axes, (7.85, y), (8.35, y))
        axes.text(8.42, y, "weights,\nrounded", va="center", fontsize=9.5)
        axes.plot((3.2, 3.2, 7.0), (y + 0.45, y + 0.75, y + 0.75), color=BLACK, lw=1.6)
        draw_arrow(axes, (7.0, y + 0.75), (7.0, y + 0.45))
        axes.text(5.1, y + 0.8, f"scale {scale}", ha="center", va="bottom", fontsize=9)
    axes.text(5.1, -0.5, "a file keeps what is in the middle", ha="center", fontsize=9.5)
    return axes


@book_style()
def plot_bits(shares: Mapping[str, Mapping[int, Sequence[float]]], whole: float) -> Axes:
    """How much is right for so many bits a weight, a line a way of rounding, a point a draw.

    shares: {way: {bits: a share for each draw}}, at most three ways. whole: the share without
    rounding. Raises ValueError for more ways, for none, and for draws or a whole that are missing
    or not finite.
    """
    if len(shares) > len(_COLOURS):
        raise ValueError(f"at most {len(_COLOURS)} ways can be told apart, not {len(shares)}")
    _check(shares, whole)
    axes = figure(3.4)[1][0]
    axes.axhline(whole, color=GREY, ls="--", label="not rounded")
    for place, (way, found) in enumerate(shares.items()):
        bits = sorted(found)
        means = [sum(found[b]) / len(found[b]) for b in bits]
        colour, marker = _COLOURS[place], _MARKERS[place]
        axes.plot(bits, means, color=colour, marker=marker, label=way)
        for b in bits:
            x = [b + 0.08 * (place - 0.5)] * len(found[b])
            axes.plot(x, found[b], color=colour, marker=marker, ls="", ms=4, alpha=0.6)
    axes.set(xlabel="bits a weight", ylabel="share right", ylim=(-0.03, 1.05))
    axes.set_xticks(sorted({b for found in shares.values() for b in found}))
    axes.legend(loc="lower right")
    return axes


def _check(shares: Mapping[str, Mapping[int, Sequence[float]]], whole: float) -> None:
    if not shares:
        raise ValueError("shares must hold at least one way, and hold none")
    for way, found in shares.items():
        drawn = [list(draws) for draws in found.values()]
        if not drawn or not all(draws and all(map(isfinite, draws)) for draws in drawn):
            raise ValueError(
                f"shares must hold finite draws for each bits, and {way!r} has {drawn}"
            )
    if not isfinite(whole):
        raise ValueError(f"whole must be a finite number, not {whole}")

"""Attention as boxes and arrows, and the network of the chapter's first page that has one."""

from functools import partial

from matplotlib.axes import Axes

from mmbook.plotting.boxes import Point, draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, RED, book_style, figure

_box = partial(draw_box, height=0.8)

STEPS = ("$Q\\,K^\\top$", "$/\\sqrt{d}$", "mask", "softmax", "$A\\,V$")


@book_style()
def draw_reverser(width: int, symbols: int) -> Axes:
    """A reader and a writer with one vector between them, and in colour what attention adds.

    width: of the states; symbols: how many kinds there are. Beside an arrow stands the shape of
    what it carries, for a row of L symbols.
    """
    _, (axes,) = figure(3.7)
    axes.set(xlim=(0, 10), ylim=(0, 6.1))
    axes.axis("off")
    states = f"L × {width}"
    for x, words in ((1.6, "row to read: L ids"), (6.6, "written so far: L ids")):
        axes.text(x, 0.25, words, ha="center", va="center", fontsize=10)
        draw_arrow(axes, (x, 0.5), (x, 1.2))
    _box(axes, (1.6, 1.6), "reader: GRU", 2.1, BLACK)
    _box(axes, (6.6, 1.6), "writer: GRU", 2.1, BLACK)
    draw_arrow(axes, (2.65, 1.6), (5.55, 1.6), f"last state: {width}")
    _box(axes, (3.8, 3.5), "attention", 1.8, BLUE, filled=True)
    _line(axes, ((1.6, 2.0), (1.6, 3.5)), BLUE)
    draw_arrow(axes, (1.6, 3.5), (2.9, 3.5), states, BLUE)
    _line(axes, ((6.0, 2.0), (6.0, 3.5)), BLUE)
    draw_arrow(axes, (6.0, 3.5), (4.7, 3.5), states, BLUE)
    _line(axes, ((3.8, 3.9), (3.8, 5.2)), BLUE)
    draw_arrow(axes, (3.8, 5.2), (5.7, 5.2), states, BLUE)
    draw_arrow(axes, (7.1, 2.0), (7.1, 4.8))
    axes.text(7.2, 3.4, states, va="center", fontsize=9)
    _box(axes, (6.7, 5.2), "linear", 2.0, BLACK)
    draw_arrow(axes, (7.7, 5.2), (9.2, 5.2), f"L × {symbols}")
    axes.text(9.25, 5.2, "scores", va="center", fontsize=10)
    return axes


@book_style()
def draw_attention() -> Axes:
    """Queries, keys and values on their way to the outputs, with a shape on every arrow."""
    _, (axes,) = figure(2.3)
    axes.set(xlim=(0, 10), ylim=(0, 3.6))
    axes.axis("off")
    places = [0.85 + 1.95 * place for place in range(len(STEPS))]
    for place, (x, step) in enumerate(zip(places, STEPS, strict=True)):
        colour = RED if step == "mask" else BLACK
        _box(axes, (x, 2.6), step, 1.1, colour)
        if place < len(STEPS) - 1:
            draw_arrow(axes, (x + 0.55, 2.6), (x + 1.4, 2.6), "L × S")
    axes.text((places[3] + places[4]) / 2, 3.2, "weights A", ha="center", fontsize=9)
    below = (
        (places[0] - 0.35, "Q", "L × d"),
        (places[0] + 0.35, "K", "S × d"),
        (places[2], "may look?", "L × S"),
        (places[4] - 0.25, "V", "$S × d_v$"),
    )
    for x, name, shape in below:
        axes.text(x, 0.2, name, ha="center", va="center", fontsize=11)
        draw_arrow(axes, (x, 0.45), (x, 2.2))
        left = name in "QV"
        axes.text(
            x + (-0.06 if left else 0.06), 1.3, shape, ha="right" if left else "left", fontsize=9
        )
    draw_arrow(axes, (places[4] + 0.3, 2.2), (places[4] + 0.3, 0.45))
    axes.text(places[4] + 0.36, 1.3, "$L × d_v$", ha="left", fontsize=9)
    axes.text(places[4] + 0.3, 0.2, "Y", ha="center", va="center", fontsize=11, weight="bold")
    return axes


def _line(axes: Axes, points: tuple[Point, Point], colour: str) -> None:
    axes.plot(*zip(*points, strict=True), color=colour, lw=1.6, solid_capstyle="butt")

"""A pipeline as a drawing: what each step takes and gives, one lane a sense or a variant."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mmbook.plotting.style import BLACK, COLOURS, book_style, figure

_STEP, _BOX = 1.5, 0.62  # from one box to the next, and a box's height, in units of the drawing


@book_style()
def draw_lanes(lanes: Mapping[str, Sequence[str]], end: Sequence[str] = ()) -> Axes:
    """Steps from top to bottom, with what passes between them on the arrows.

    lanes: {name: what goes in, a step, what comes out, a step, what comes out, ...}; a lane named
    as a sense has its colour, and lanes that go on after each other end on one line. end: a step
    that all lanes meet in, and what comes out. Raises ValueError where a lane ends in a step, or
    `end` is not two texts.
    """
    for name, texts in lanes.items():
        if len(texts) % 2 == 0:
            raise ValueError(f"the lane {name!r} ends in a step: say what comes out of it, too")
    if len(end) not in (0, 2):
        raise ValueError(f"end must be a step and what comes out of it, not {len(end)} texts")
    steps = max(len(texts) // 2 for texts in lanes.values())
    height = _STEP * (steps + bool(end))
    axes = figure(0.6 * height + 0.6)[1][0]
    axes.set(xlim=(-0.5, len(lanes) - 0.5), ylim=(-0.25, height + 0.75))
    axes.axis("off")
    for column, (name, texts) in enumerate(lanes.items()):
        colour = COLOURS.get(name, BLACK)
        axes.text(column, height + 0.35, name, ha="center", fontsize=13, weight="bold")
        first = height - _STEP * (steps - len(texts) // 2)
        for place, text in enumerate(texts):
            y = first - _STEP * (place // 2)
            if place % 2:
                _step(axes, column, y, text, 0.88, colour)
            else:
                axes.text(column, y, text, ha="center", va="center", fontsize=10.5)
    if end:
        middle = (len(lanes) - 1) / 2
        _step(axes, middle, _STEP, end[0], len(lanes) - 0.12, BLACK, at=range(len(lanes)))
        axes.text(middle, 0, end[1], ha="center", va="center", fontsize=10.5)
    return axes


def _step(
    axes: Axes, x: float, y: float, text: str, width: float, colour: str, at: Sequence[int] = ()
) -> None:
    """A box below what goes in, which stands at the height y, and the arrows to it."""
    middle = y - 0.88
    corner = (x - width / 2, middle - _BOX / 2)
    axes.add_patch(Rectangle(corner, width, _BOX, fc="white", ec=colour, lw=2.4))
    axes.text(x, middle, text, ha="center", va="center", fontsize=11.5, weight="bold")
    for column in at or (x,):
        arrow = {"arrowstyle": "-|>", "lw": 1.6, "color": BLACK}
        axes.annotate("", (column, middle + _BOX / 2), (column, y - 0.18), arrowprops=arrow)

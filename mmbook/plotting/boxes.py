"""What drawings of networks are made of: boxes with words, and arrows with shapes."""

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mmbook.plotting.style import BLACK

Point = tuple[float, float]


def draw_box(
    axes: Axes,
    middle: Point,
    words: str,
    width: float,
    colour: str,
    height: float = 0.6,
    fontsize: float = 10,
    filled: bool = False,
    lw: float = 2,
    weight: str = "normal",
    ls: str = "-",
) -> None:
    """A box around words, white with an edge of a colour, or filled with it."""
    corner = (middle[0] - width / 2, middle[1] - height / 2)
    face, ink = (colour, "white") if filled else ("white", "black")
    axes.add_patch(Rectangle(corner, width, height, fc=face, ec=colour, lw=lw, ls=ls))
    style = {"fontsize": fontsize, "weight": weight, "color": ink}
    axes.text(*middle, words, ha="center", va="center", **style)


def draw_arrow(axes: Axes, start: Point, end: Point, words: str = "", colour: str = BLACK) -> None:
    """An arrow, and above the middle of a level one what goes along it."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 1.6, "color": colour})
    axes.text((start[0] + end[0]) / 2, start[1] + 0.08, words, ha="center", va="bottom", fontsize=9)

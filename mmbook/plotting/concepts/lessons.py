"""Two ways in which a captioner learns: from people's captions, and from scores of its own."""

from functools import partial

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_box
from mmbook.plotting.style import BLACK, COLOURS, GREY, book_style, figure

_box = partial(draw_box, height=0.72)

_ARROW = {"arrowstyle": "-|>", "lw": 1.8, "color": BLACK}


@book_style()
def draw_lessons() -> Axes:
    """Above, people's captions are read and asked for; below, captions that were drawn are scored.

    B pictures, captions of t words, V words that can be written, K captions drawn of a picture.
    """
    _, (axes,) = figure(4.3)
    axes.set(xlim=(0, 10), ylim=(-0.2, 5.6))
    axes.axis("off")
    for y, title in ((5.35, "from people's captions"), (2.6, "from scores of its own captions")):
        axes.text(0, y, title, fontsize=12, weight="bold")
    for y in (4.0, 1.4):
        _box(axes, (3.2, y), "captioner", 1.7, COLOURS["together"])
        axes.annotate("", (2.35, y), (1.9, y), arrowprops=_ARROW)
        shape = "pictures\nB × 3 × 72 × 72"
        axes.text(0, y, shape, ha="left", va="center", fontsize=10, color=COLOURS["image"])
    said, colour = "captions by people, B × t", COLOURS["text"]
    axes.text(3.2, 4.9, said, ha="center", va="bottom", fontsize=10, color=colour)
    axes.annotate("", (3.2, 4.36), (3.2, 4.9), arrowprops=_ARROW)
    _box(axes, (8.7, 4.0), "cross-entropy of\nthe next word", 2.4, GREY)
    _along(axes, 4.0, (4.05, 7.5), "log p of all words, B × t × V")
    _along(axes, 1.4, (4.05, 7.5), "K captions drawn, B × K × t")
    _box(axes, (8.7, 1.4), "score, less the mean\nof the others", 2.4, GREY)
    axes.plot((8.75, 8.75, 3.2), (1.04, 0.4, 0.4), color=BLACK, lw=1.8, ls="--")
    axes.annotate("", (3.2, 1.04), (3.2, 0.38), arrowprops={**_ARROW, "ls": "--"})
    back = "advantages, B × K: weights of log p, through which no gradient flows"
    axes.text(6, 0.25, back, ha="center", va="top", fontsize=10)
    return axes


def _along(axes: Axes, y: float, ends: tuple[float, float], words: str) -> None:
    axes.annotate("", (ends[1], y), (ends[0], y), arrowprops=_ARROW)
    axes.text(sum(ends) / 2, y + 0.12, words, ha="center", va="bottom", fontsize=10)

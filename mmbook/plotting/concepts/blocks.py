"""A transformer's block and a decoder's, and what each part of one is worth."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, GREEN, GREY, PURPLE, RED, book_style, figure

SHAPE = "B × L × D"  # of what goes along every arrow, but for the memory's
MEMORY = "memory\nB × M × D"
# Each part of a block with its colour, from below to above.
BLOCK = (("self-attention", BLUE), ("feed-forward\nD → 4D → D", GREEN))
DECODER = (BLOCK[0], ("cross-attention", RED), BLOCK[1])
_STREAM, _PARTS, _STEP, _WIDE = 0.75, 3.9, 2.55, 2.7


@book_style()
def draw_blocks() -> list[Axes]:
    """A pre-norm block, left, and a decoder's, right, with a shape on every arrow."""
    _, panels = figure(5.3, columns=2, sharey=True, width_ratios=(5.4, 6.7))
    tops = [_draw_block(panels[0], BLOCK), _draw_block(panels[1], DECODER)]
    for panel, title, reach in zip(panels, ("block", "decoder's block"), (5.4, 6.7), strict=True):
        panel.set(xlim=(0, reach), ylim=(-0.75, max(tops) + 0.55), title=title)
        panel.axis("off")
    y = _STEP + 1.15
    draw_arrow(panels[1], (6.65, y), (_PARTS + _WIDE / 2, y), colour=RED)
    panels[1].text(6.65, y + 0.1, MEMORY, ha="right", va="bottom", fontsize=9)
    return panels


@book_style()
def plot_parts(found: Mapping[str, tuple[float, float]], rival: float, label: str) -> Axes:
    """Perplexity of networks with a part taken away, from the top, and of a rival as a line.

    found: {network: (mean, standard deviation)}. rival: its perplexity, and label: its name.
    """
    _, (axes,) = figure(0.8 + 0.42 * len(found))
    means, deviations = zip(*found.values(), strict=True)
    colours = [BLUE if name == next(iter(found)) else GREY for name in found]
    axes.barh(list(found), means, xerr=deviations, color=colours, capsize=3, height=0.7)
    axes.axvline(rival, color=RED, linestyle="--", label=label)
    for place, mean in enumerate(means):
        axes.text(0.6, place, f"{mean:.1f}", va="center", fontsize=11)
    axes.invert_yaxis()
    axes.set(xlabel="perplexity, lower is better", xlim=(0, None))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return axes


def _draw_block(axes: Axes, parts: tuple[tuple[str, str], ...]) -> float:
    """The stream at the left, and one part above another beside it; returns how high it ends."""
    for place, (name, colour) in enumerate(parts):
        low = place * _STEP
        high = low + 1.15
        draw_arrow(axes, (_STREAM, low), (_PARTS - 0.9, low), SHAPE, colour)
        draw_box(axes, (_PARTS, low), "LN", 1.8, PURPLE)
        draw_arrow(axes, (_PARTS, low + 0.3), (_PARTS, high - 0.36), colour=colour)
        axes.text(_PARTS + 0.1, low + 0.54, SHAPE, va="center", fontsize=9)
        draw_box(axes, (_PARTS, high), name, _WIDE, colour, 0.72)
        draw_arrow(axes, (_PARTS - _WIDE / 2, high), (_STREAM + 0.22, high), SHAPE, colour)
    top = (len(parts) - 1) * _STEP + 2.3
    draw_arrow(axes, (_STREAM, -0.5), (_STREAM, top), colour=BLACK)
    for place in range(len(parts)):
        middle = (_STREAM, place * _STEP + 1.15)
        axes.add_patch(Circle(middle, 0.2, fc="white", ec=BLACK, lw=1.6, zorder=3))
        axes.text(*middle, "+", ha="center", va="center", fontsize=12, zorder=4)
    axes.text(_STREAM + 0.15, -0.5, f"x: {SHAPE}", va="center", fontsize=9)
    axes.text(_STREAM + 0.15, top - 0.2, f"x: {SHAPE}, to the next block", va="center", fontsize=9)
    return top

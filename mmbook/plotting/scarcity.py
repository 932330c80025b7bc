"""Pictures of scarce labels: where a network may learn from, and which gains are real."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, GREEN, GREY, PURPLE, RED, book_style, figure

Gain = tuple[float, float, float, bool]  # mean, where its interval begins and ends, is it real
SOURCES = (  # what there is, who makes something of it, and what comes out for the network
    ("few labelled\npictures", "shift, turn,\nzoom", r"$(n, 1, s, s)$", "pictures,\nlabels", BLUE),
    ("pictures of\nother things", "train before", r"$(N', 1, s, s)$", "features", PURPLE),
    ("pictures\nwithout labels", "two views:\nwhich belong?", r"$(N, 1, s, s)$", "features", GREEN),
    ("pictures\nwithout labels", "the network\nitself", r"$(N, 1, s, s)$", "labels (N)", GREEN),
    ("fonts", "draw", "10 signs", "pictures,\nlabels", BLACK),
    ("sounds that came\nwith pictures", "an ear", r"$(N, d)$", "labels (N)", RED),
)


@book_style()
def draw_label_sources() -> Axes:
    """Six lanes from what there is to the one network, with what goes along each arrow.

    n labelled pictures of s times s pixels, N without labels, N' of other things, d numbers of a
    sound. Above, the labels go straight to the network, which all ways have.
    """
    _, (axes,) = figure(5.4)
    axes.set(xlim=(-1.0, 9.0), ylim=(-0.75, 6.9))
    axes.axis("off")
    for row, (there, maker, shape, made, colour) in enumerate(reversed(SOURCES)):
        draw_box(axes, (0.2, row), there, 2.2, colour, 0.74, 9.5)
        draw_box(axes, (4.0, row), maker, 2.0, colour, 0.74, 9.5, filled=True)
        draw_arrow(axes, (1.3, row), (3.0, row), shape)
        draw_arrow(axes, (5.0, row), (7.3, row))
        axes.text(6.1, row + 0.08, made, ha="center", va="bottom", fontsize=9)
    top = len(SOURCES) + 0.15
    draw_box(axes, (0.2, top), "few labelled\npictures", 2.2, BLUE, 0.74, 9.5)
    draw_arrow(axes, (1.3, top), (7.3, top), r"$(n, 1, s, s)$ and labels $(n)$, for all")
    middle = (len(SOURCES) + 0.15) / 2
    draw_box(
        axes, (8.0, middle), "the same\nsmall\nnetwork", 1.4, BLACK, top + 0.8, 11, filled=True
    )
    return axes


@book_style()
def plot_gains(panels: Mapping[str, Mapping[str, Gain]]) -> Sequence[Axes]:
    """A panel a number of labels: each way's gain with its interval, filled where it is real.

    panels: {title: {way: (mean, low, high, whether it survives)}}, in points; all panels have the
    same ways, the first at the top. Raises ValueError where they do not.
    """
    names = [list(gains) for gains in panels.values()]
    if not names or any(other != names[0] for other in names):
        raise ValueError(f"every panel must have the same ways in the same order, not {names}")
    height = 0.29 * len(names[0]) + 1.1
    _, axes = figure(height, 1, len(panels), sharey=True)
    for panel, (title, gains) in zip(axes, panels.items(), strict=True):
        panel.axvline(0, color=GREY, lw=1.4)
        for place, (mean, low, high, real) in enumerate(gains.values()):
            colour = BLUE if real else BLACK
            panel.plot([low, high], [place, place], color=colour, lw=1.8)
            face = colour if real else "white"
            panel.plot(mean, place, "o", color=colour, mfc=face, ms=6.5)
        panel.set_title(title, fontsize=11)
        panel.tick_params(labelsize=10)
    axes[0].set_yticks(range(len(names[0])), names[0], fontsize=10)
    axes[0].set_ylim(len(names[0]) - 0.5, -0.5)
    axes[len(axes) // 2].set_xlabel("gain in points", fontsize=11)
    return axes

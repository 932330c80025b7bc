"""A generator and its discriminator: what goes through them, and what a game on a plane made."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, COLOURS, GREY, RED, book_style, figure

# What each box makes, for images of 28 x 28 pixels and the sizes that the package takes by itself.
GENERATOR = (
    ("join: [z, e]", "96"),
    ("linear", "32 × 7 × 7"),
    ("convolution, doubling", "16 × 14 × 14"),
    ("convolution", "16 × 14 × 14"),
    ("pixel shuffle, tanh", "image 1 × 28 × 28"),
)
DISCRIMINATOR = (
    ("pixel unshuffle", "4 × 14 × 14"),
    ("convolution", "16 × 14 × 14"),
    ("convolution, halving", "32 × 7 × 7"),
    ("convolution, halving", "48 × 4 × 4"),
    ("minibatch deviation", "49 × 4 × 4"),
    ("linear", "φ: 128"),
    ("w · φ + V e · φ", "score: 1"),
)


@book_style()
def draw_adversaries() -> Axes:
    """Both networks from top to bottom, and behind each box what it makes of one sample."""
    _, (axes,) = figure(6.2)
    axes.set(xlim=(0, 10), ylim=(-0.4, 10))
    axes.axis("off")
    axes.text(2.3, 9.85, "generator", ha="center", weight="bold", color=COLOURS["image"])
    axes.text(6.5, 9.85, "discriminator", ha="center", weight="bold", color=COLOURS["together"])
    left = _column(axes, 2.3, 7.1, 1.52, GENERATOR, COLOURS["image"])
    for x, source in ((1.2, "word: 6 ids"), (3.5, "noise z: 64")):
        axes.text(x, 9.3, source, ha="center", va="center", fontsize=10)
    draw_box(axes, (1.2, 8.35), "GRU", 1.5, COLOURS["text"])
    draw_arrow(axes, (1.2, 9.1), (1.2, 8.65))
    draw_arrow(axes, (1.2, 8.05), (1.7, 7.4))
    axes.text(0.5, 7.7, "e: 32", fontsize=9.5)
    draw_arrow(axes, (3.5, 9.1), (2.9, 7.4))
    for y in left[1:4]:  # after the arrow that leaves [z, e]
        axes.plot((3.95, 4.35, 4.35), (left[0], left[0], y), color=COLOURS["text"], lw=1.6)
        draw_arrow(axes, (4.35, y), (3.97, y), colour=COLOURS["text"])
    axes.text(4.42, left[1] + 0.62, "FiLM", fontsize=10, color=COLOURS["text"], rotation=90)
    axes.text(6.5, 9.3, "image 1 × 28 × 28, real or drawn", ha="center", va="center", fontsize=10)
    right = _column(axes, 6.5, 8.5, 1.25, DISCRIMINATOR, COLOURS["together"])
    draw_arrow(axes, (6.5, 9.1), (6.5, 8.8))
    axes.text(9.35, 3.9, "word: 6 ids", ha="center", va="center", fontsize=10)
    draw_arrow(axes, (9.35, 3.7), (9.35, right[-2] + 0.3))
    draw_box(axes, (9.35, right[-2]), "GRU", 1.2, COLOURS["text"])
    axes.plot((9.35, 9.35), (right[-2] - 0.3, right[-1]), color=BLACK, lw=1.6)
    draw_arrow(axes, (9.35, right[-1]), (8.17, right[-1]))
    axes.text(9.45, right[-1] + 0.45, "e: 32", fontsize=9.5)
    return axes


def _column(
    axes: Axes, x: float, top: float, step: float, parts: Sequence[tuple[str, str]], colour: str
) -> list[float]:
    """Boxes below each other, each with an arrow to the next; returns their heights."""
    heights = [top - step * place for place in range(len(parts))]
    for y, (name, made) in zip(heights, parts, strict=True):
        draw_box(axes, (x, y), name, 3.3, colour)
        draw_arrow(axes, (x, y - 0.3), (x, y - step + 0.3))
        axes.text(x + 0.15, y - step / 2, made, va="center", fontsize=9.5)
    return heights


@book_style()
def plot_games(games: Mapping[str, Sequence[Tensor]], centres: Tensor) -> list[Axes]:
    """What several games made on a plane: a row for each way to play, and a panel for each game.

    games: {name: (n, 2) points of each game}, as many games in each row; centres: (m, 2), around
    which the real points lie. Raises ValueError for rows of different lengths.
    """
    counts = {name: len(played) for name, played in games.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"every row needs as many games, not {counts}")
    columns, edge = next(iter(counts.values())), 1.4 * float(centres.abs().max())
    height = 0.2 + 5.6 / columns * len(games)
    _, panels = figure(height, len(games), columns, sharex=True, sharey=True)
    for row, (name, played) in enumerate(games.items()):
        panels[row * columns].set_ylabel(name, fontsize=12)
        for panel, points in zip(panels[row * columns :], played, strict=False):
            panel.scatter(*centres.T, s=150, facecolors="none", edgecolors=GREY, linewidths=1.6)
            panel.scatter(*points.T, s=5, alpha=0.5, color=RED)
            panel.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal", xticks=[], yticks=[])
    return panels

"""The way of a picture from a file to tokens, as boxes and arrows."""

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_box
from mmbook.plotting.style import BLACK, BLUE, RED, book_style, figure

# What each step gives: its name, the shape, and the type and range of the numbers.
STEPS = (
    ("decode", "H × W × 3", "uint8, 0 to 255, red first"),
    ("resize, crop or pad", "h × w × 3", "uint8, 0 to 255"),
    ("to tensor", "n × 3 × h × w", "float32, 0 to 1"),
    ("augment", "n × 3 × h × w", "float32, 0 to 1"),
    ("standardise", "n × 3 × h × w", "float32, around 0"),
    ("cut into patches", "n × L × D", "float32, around 0"),
)
TRAINING_ONLY = "augment"


@book_style()
def draw_pipeline() -> Axes:
    """From above to below: what is done to n pictures, and beside each arrow what it carries."""
    _, (axes,) = figure(5.2)
    axes.set(xlim=(0, 10), ylim=(-len(STEPS) - 0.35, 0.5))
    axes.axis("off")
    axes.text(2.4, 0.3, "files: bytes", ha="center", va="center", fontsize=11)
    for place, (name, shape, numbers) in enumerate(STEPS):
        y = -place - 0.42
        axes.annotate("", (2.4, y + 0.2), (2.4, y + 0.56), arrowprops={"arrowstyle": "-|>"})
        special = name == TRAINING_ONLY
        colour, ls = (RED, "--") if special else (BLUE, "-")
        draw_box(axes, (2.4, y), name, 3.2, colour, height=0.44, fontsize=11, ls=ls)
        if special:
            axes.text(4.2, y, "only in training", va="center", fontsize=10, color=BLACK)
        axes.text(2.6, y - 0.43, f"{shape}   ({numbers})", va="center", fontsize=10)
    last = -len(STEPS) + 0.36
    axes.annotate("", (2.4, last - 0.4), (2.4, last), arrowprops={"arrowstyle": "-|>"})
    axes.text(2.4, last - 0.55, "encoder", ha="center", va="center", fontsize=11)
    return axes

"""From samples to features: each step, the shape that it makes, and what it forgets."""

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLUE, RED, book_style, figure

START = "n × L samples"
# Each step from above to below: its name, the shape of what it makes, and what gets lost in it.
STEPS = (
    ("cut into frames, fade in and out", "n × T × N", "nothing, while frames overlap"),
    ("Fourier transform", "n × T × (N/2 + 1), complex", "nothing"),
    ("squared length", "n × T × (N/2 + 1)", "when a tone began"),
    ("mel filterbank", "n × T × F", "fine differences of pitch"),
    ("logarithm", "n × T × F", "what is below the floor"),
    ("minus the mean over time", "n × T × F", "loudness and microphone"),
)


@book_style()
def draw_way() -> Axes:
    """The way from the samples down to log-mel frames, with a shape on every arrow."""
    _, (axes,) = figure(5.4)
    axes.set(xlim=(0, 10), ylim=(-len(STEPS) - 0.65, 0.85))
    axes.axis("off")
    axes.text(2.7, 0.6, START, ha="center", va="center", fontsize=10.5)
    axes.text(6.1, 0.6, "what it forgets", va="center", fontsize=10.5, color=RED)
    draw_arrow(axes, (2.7, 0.4), (2.7, 0.05))
    for place, (name, made, lost) in enumerate(STEPS):
        y = -1.1 * place - 0.27
        draw_box(axes, (2.7, y), name, 5.2, BLUE, height=0.58, fontsize=10.5)
        axes.text(6.1, y, lost, va="center", fontsize=10, color=RED)
        draw_arrow(axes, (2.7, y - 0.3), (2.7, y - 0.8))
        axes.text(2.85, y - 0.52, made, va="center", fontsize=9.5)
    return axes

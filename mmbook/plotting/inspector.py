"""An inspector of recordings: what it is made of, which fault is where, and its estimates."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from mmbook.plotting.style import BLACK, BLUE, GREEN, PURPLE, RED, book_style, figure

_HEIGHT = 0.8  # of a box, in units of the drawing
_BOXES = (  # middle, width, words, colour
    (3.3, 10.0, 3.6, "log-mel", RED),
    (8.7, 10.0, 3.6, "statistics", PURPLE),
    (3.3, 8.1, 3.6, "CNN, time and bands", RED),
    (8.7, 8.1, 3.6, "CNN, time", PURPLE),
    (6.0, 6.2, 9.0, "side by side, linear, ReLU", BLACK),
    (6.0, 4.3, 9.0, "GRU in both directions, its input beside", BLACK),
    (1.4, 2.2, 2.3, "linear", BLUE),
    (4.4, 2.2, 2.3, "share added", BLUE),
    (7.4, 2.2, 2.6, "attention", GREEN),
    (10.5, 2.2, 2.6, "mean, deviation", GREEN),
)


@book_style()
def draw_inspector(mels: int, statistics: int, width: int, faults: int, varying: int) -> Axes:
    """Two streams become tokens, one memory reads both, and each question has a head.

    mels, statistics: features of the streams. width: of their tokens. varying: numbers of a frame
    whose mean and deviation over time are taken.
    """
    _, (axes,) = figure(6.6)
    axes.set(xlim=(0, 12), ylim=(-0.55, 12.2))
    axes.axis("off")
    for x, y, wide, words, colour in _BOXES:
        corner = (x - wide / 2, y - _HEIGHT / 2)
        axes.add_patch(Rectangle(corner, wide, _HEIGHT, fc="white", ec=colour, lw=2.2))
        axes.text(x, y, words, ha="center", va="center", fontsize=10.5)
    tokens, read = f"(B, T, {width})", f"(B, T, {2 * width})"
    arrows = [(x, 11.5, 10.4, "") for x in (3.3, 8.7)]
    arrows += [(3.3, 9.6, 8.5, f"(B, T, {mels})"), (8.7, 9.6, 8.5, f"(B, T, {statistics})")]
    arrows += [(x, 7.7, 6.6, tokens) for x in (3.3, 8.7)] + [(6.0, 5.8, 4.7, tokens)]
    answers = (
        f"(B, T, {faults})",
        "(B,)",
        f"(B, {faults + 2}, {2 * width})",
        f"(B, {2 * varying})",
    )
    for (x, *_), answer in zip(_BOXES[-4:], answers, strict=True):
        arrows += [(x, 3.25, 2.6, ""), (x, 1.8, 0.55, answer)]
    for x, start, end, shape in arrows:
        arrow = {"arrowstyle": "-|>", "lw": 1.8, "color": BLACK, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (x, end), (x, start), arrowprops=arrow)
        axes.text(x + 0.15, (start + end) / 2, shape, va="center", fontsize=10)
    axes.plot((1.4, 10.5), (3.25, 3.25), color=BLACK, lw=1.8)
    axes.plot((6.0, 6.0), (3.9, 3.25), color=BLACK, lw=1.8)
    axes.text(6.15, 3.6, read, va="center", fontsize=10)
    axes.text(6.0, 11.75, "samples (B, S)", ha="center", va="center", fontsize=12, weight="bold")
    for x, words in ((1.4, "when"), (4.4, "SNR"), (8.95, f"faults (B, {faults}), STOI, PESQ (B,)")):
        axes.text(x, 0.1, words, ha="center", va="center", fontsize=11.5, weight="bold")
    return axes


@book_style()
def plot_faults(bands: Tensor, faults: Mapping[str, Tensor], step: float) -> list[Axes]:
    """A spectrogram, and below it a row for each fault, dark where it is.

    bands: (frames, bands), from low to high. faults: {name: (frames,)}, from 0 to 1. step: seconds
    from one frame to the next. Raises ValueError without faults, or for another number of frames.
    """
    lengths = {len(row) for row in faults.values()}
    if lengths != {len(bands)}:
        raise ValueError(f"each fault needs the spectrogram's {len(bands)} frames, not {lengths}")
    rows = np.stack([row.detach().float().numpy() for row in faults.values()])
    below = 0.3 * len(rows) + 0.75
    _, (above, panel) = figure(
        1.8 + below, rows=2, sharex=True, gridspec_kw={"height_ratios": (1.8, below)}
    )
    edges = (-step / 2, (len(bands) - 0.5) * step)
    extent = (*edges, 0, bands.shape[1])
    above.imshow(bands.numpy().T, "magma", aspect="auto", origin="lower", extent=extent)
    above.set(ylabel="mel band")
    extent = (*edges, len(rows) - 0.5, -0.5)
    panel.imshow(
        rows, "Greys", aspect="auto", interpolation="nearest", vmin=0, vmax=1, extent=extent
    )
    for place in range(1, len(rows)):
        panel.axhline(place - 0.5, color=BLUE, lw=0.8)
    panel.set_yticks(range(len(rows)), list(faults))
    panel.set(xlabel="seconds", xlim=edges)
    for spine in panel.spines.values():
        spine.set_visible(True)
    return [above, panel]


@book_style()
def plot_estimates(truth: Tensor, said: Mapping[str, Tensor], what: str) -> list[Axes]:
    """Estimates over the truth, side by side, with the diagonal on which they would be right.

    truth: (n,), NaN where unknown: such a one is not drawn. said: {system: (n,)}. what: is it, and
    its unit.
    """
    known = truth.isfinite()
    _, axes = figure(3.5, columns=len(said), sharex=True, sharey=True)
    for panel, (name, values) in zip(axes, said.items(), strict=True):
        panel.scatter(truth[known], values[known], s=14, color=BLUE, alpha=0.6, linewidths=0)
        panel.axline((0, 0), slope=1, color=BLACK, lw=1.2)
        panel.set(xlabel=f"true {what}", title=name)
    axes[0].set_ylabel("estimate")
    return axes

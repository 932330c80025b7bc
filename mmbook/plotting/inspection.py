"""What inspectors of recordings find, drawn over time."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import BLACK, BLUE, COLOURS, GREY, RED, book_style, figure

MARKS = "os^D"


@book_style()
def plot_trace(
    waveform: Tensor, trace: Tensor, names: Sequence[str], rate: int, truth: Tensor | None = None
) -> list[Axes]:
    """A recording, and below it how probable each fault is in each of its frames.

    waveform: (samples,). trace: (frames, faults) in [0, 1], evenly over the recording. truth: the
    same of bool, whose beginnings and ends are drawn as lines.
    """
    seconds = len(waveform) / rate
    axes = figure(4.4, rows=2, sharex=True, gridspec_kw={"height_ratios": [1, 2.2]})[1]
    axes[0].plot(
        torch.arange(len(waveform)) / rate, waveform, color=COLOURS["audio"], linewidth=0.7
    )
    axes[0].set(ylabel="sound", yticks=[])
    axes[1].imshow(
        trace.T,
        aspect="auto",
        cmap="Blues",
        vmin=0,
        vmax=1,
        extent=(0, seconds, len(names) - 0.5, -0.5),
        interpolation="nearest",
    )
    axes[1].set(yticks=range(len(names)), xlabel="seconds", xlim=(0, seconds))
    axes[1].set_yticklabels(names, fontsize=11)
    if truth is not None:
        step = seconds / len(truth)
        for row, column in enumerate(truth.T):
            edge = column.new_zeros(1)
            edges = torch.cat([edge, column, edge]).int().diff().nonzero()
            for place in edges.flatten().tolist():
                axes[1].plot([place * step] * 2, [row - 0.4, row + 0.4], color=RED, linewidth=2)
    return axes


@book_style()
def plot_shares(
    systems: Mapping[str, tuple[Tensor, Tensor]], bins: int = 10, limit: float = 1.0
) -> Axes:
    """How often a fault is there, by how probable it was said to be: a reliability diagram.

    systems: {name: (probabilities (n,), there (n,) of bool)}. Bins are equally wide up to a limit;
    those with fewer than ten answers are left out. Dots are larger where there are more answers.
    """
    panel = figure(4.2)[1][0]
    panel.plot([0, limit], [0, limit], color=GREY, label="as probable as it was said", zorder=0)
    colours = (BLUE, RED, BLACK)
    for (name, (said, there)), mark, colour in zip(systems.items(), MARKS, colours, strict=False):
        places = (said / limit * bins).long().clamp(0, bins - 1)
        filled = [b for b in range(bins) if (places == b).sum() >= 10]
        x = [said[places == b].mean().item() for b in filled]
        y = [there[places == b].float().mean().item() for b in filled]
        sizes = [20 + 12 * (places == b).sum().item() ** 0.5 for b in filled]
        panel.plot(x, y, color=colour, linewidth=1)
        panel.scatter(x, y, s=sizes, marker=mark, color=colour, label=name)
    panel.set(xlabel="probability that was said", ylabel="share that was there")
    panel.legend(loc="upper left")
    return panel

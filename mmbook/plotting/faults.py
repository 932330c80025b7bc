"""Pictures of recordings with faults: what is wrong when, and how well each fault is found."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import (
    BLACK,
    BLUE,
    COLOURS,
    GREEN,
    GREY,
    PURPLE,
    RED,
    book_style,
    figure,
)

_COLOURS, _MARKERS = (BLUE, RED, BLACK, PURPLE, GREEN), "osD^v"


@book_style()
def plot_truth(clip: Tensor, frames: Tensor, names: Sequence[str], rate: int, hop: int) -> Axes:
    """A waveform, and below it a line a fault, thick in the frames in which it is heard.

    clip: (samples,). frames: (frames, faults) boolean, frame k centred on sample hop * k.
    """
    height = 2.0 + 0.3 * len(names)
    share = [1.4, 0.3 * len(names)]
    _, (wave, lanes) = figure(height, rows=2, sharex=True, height_ratios=share)
    wave.plot(np.arange(len(clip)) / rate, clip.numpy(), color=COLOURS["audio"], linewidth=0.6)
    wave.set(yticks=[])
    middle = np.arange(len(frames)) * hop / rate  # seconds
    half = hop / rate / 2
    for place, active in enumerate(frames.numpy().T):
        lanes.axhline(place, color=GREY, linewidth=0.8, zorder=0)
        bars = [(float(second) - half, 2 * half) for second in middle[active]]
        lanes.broken_barh(bars, (place - 0.32, 0.64), color=BLACK, linewidth=0)
    lanes.set(yticks=range(len(names)), yticklabels=names, xlabel="seconds")
    lanes.set(xlim=(-half, len(clip) / rate + half), ylim=(len(names) - 0.4, -0.6))
    return lanes


@book_style()
def plot_by_fault(
    areas: Mapping[str, Mapping[str, float]], low: float = 0.5, label: str = "AUROC"
) -> Axes:
    """How well each fault is found, a row a fault and a mark a system.

    areas: {system: {fault: from low to 1}}. A dotted line stands at one half, which is chance.
    """
    names = list(next(iter(areas.values())))
    panel = figure(0.42 * len(names) + 1.5)[1][0]
    for number, (system, values) in enumerate(areas.items()):
        shift = 0.16 * (number - (len(areas) - 1) / 2)  # so that equal marks do not hide each other
        places = np.arange(len(names)) + shift
        points, colour = [values[name] for name in names], _COLOURS[number]
        panel.plot(points, places, _MARKERS[number], color=colour, label=system)
    panel.axvline(0.5, color=BLACK, linestyle=":", linewidth=1.5)
    panel.set(yticks=range(len(names)), yticklabels=names, xlabel=label, xlim=(low - 0.02, 1.02))
    panel.grid(axis="y", color=GREY, linewidth=0.6)
    panel.set_axisbelow(True)
    panel.invert_yaxis()
    panel.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2)
    return panel

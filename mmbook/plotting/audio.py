"""Pictures of sound: waves and their samples, spectra, spectrograms, filters, speech and pause."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from mmbook.plotting.style import BLACK, BLUE, COLOURS, GREY, PURPLE, RED, book_style, figure

LINE_COLOURS = (BLUE, RED, BLACK, PURPLE)
LINE_STYLES = ("-", "--", ":", "-.")
FREQUENCY = "frequency (kHz)"


class Panel(NamedTuple):
    """A spectrogram to draw: values (frames, bins), seconds between frames, top of the axis."""

    title: str
    values: Tensor
    step: float
    top: float
    unit: str = FREQUENCY


@book_style()
def plot_waves(
    waves: Mapping[str, Tensor], rate: int, samples: tuple[Tensor, Tensor] | None = None
) -> Axes:
    """Waves over one another, and samples of them as dots.

    waves: {label: (samples,)} at `rate` Hz. samples: their times in milliseconds, and their values.
    """
    panel = figure(3.4)[1][0]
    for number, (label, wave) in enumerate(waves.items()):
        time = 1000 * np.arange(len(wave)) / rate
        panel.plot(time, wave, LINE_STYLES[number], color=LINE_COLOURS[number], label=label)
    if samples is not None:
        panel.plot(*samples, "o", color=BLACK, label="samples", markersize=9)
    panel.set(xlabel="milliseconds", yticks=[])
    panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return panel


@book_style()
def plot_spectra(
    spectra: Mapping[str, Tensor], hertz: Tensor, marks: Sequence[float] = (), floor: float = -100
) -> Axes:
    """Powers over frequency in decibels below the highest, and marks at frequencies.

    spectra: {label: (bins,) powers}. hertz: (bins,) where they are. marks: in Hz.
    """
    panel = figure(3.6)[1][0]
    for number, (label, values) in enumerate(spectra.items()):
        decibels = 10 * (values / values.max()).clamp(min=10 ** (floor / 10)).log10()
        colour, style = LINE_COLOURS[number], LINE_STYLES[number]
        panel.plot(hertz / 1000, decibels, style, color=colour, label=label)
    for mark in marks:
        panel.axvline(mark / 1000, color=GREY, linewidth=1.5, zorder=0)
    panel.set(xlabel=FREQUENCY, ylabel="power (dB)")
    panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return panel


@book_style()
def plot_spectrograms(
    panels: Sequence[Panel],
    height: float = 2.1,
    boxes: Sequence[tuple[float, float]] = (),
    reach: float | None = None,
) -> list[Axes]:
    """Spectrograms one below the other, with one time axis.

    boxes: for each panel, seconds and Hz that one of its numbers stands for, drawn to scale.
    reach: draw the logarithms of powers, from the highest down by so many decibels.
    """
    _, axes = figure(height * len(panels), rows=len(panels), sharex=True)
    for number, (drawn, panel) in enumerate(zip(axes, panels, strict=True)):
        values = panel.values.numpy()
        if reach is not None:
            values = 10 * np.log10(np.maximum(values, values.max() * 10 ** (-reach / 10)))
        # Frame t is centred on t steps, so the picture's edges lie half a step outside.
        half = panel.step / 2
        extent = (-half, half + (len(values) - 1) * panel.step, 0, panel.top)
        drawn.imshow(
            values.T,
            origin="lower",
            aspect="auto",
            cmap="magma",
            extent=extent,
            interpolation="nearest",  # a number is a box, and boxes make small files
        )
        drawn.set(ylabel=panel.unit)
        drawn.set_title(panel.title)
        if boxes:
            seconds, hertz = boxes[number]
            corner = (0.04 * extent[1], 0.9 * panel.top - hertz / 1000)
            drawn.add_patch(
                Rectangle(corner, seconds, hertz / 1000, edgecolor="white", facecolor="none", lw=2)
            )
    axes[-1].set_xlabel("seconds")
    return axes


@book_style()
def plot_filters(bank: Tensor, rate: int) -> Axes:
    """Mel filters over frequency, each with the height that it has; bank: (mels, bins)."""
    panel = figure(3.0)[1][0]
    kilohertz = np.linspace(0, rate / 2000, bank.shape[1])
    for number, weights in enumerate(bank.numpy()):
        panel.plot(kilohertz, weights, color=LINE_COLOURS[number % 2], linewidth=1.5)
    panel.set(xlabel=FREQUENCY, ylabel="weight", yticks=[], ylim=(0, None))
    return panel


@book_style()
def plot_activity(
    clip: Tensor, rate: int, levels: Tensor, active: Tensor, hop: int, threshold: float
) -> list[Axes]:
    """A clip and its levels over time; what was found to be speech is shaded.

    clip: (samples,). levels, active: (frames,), a frame every `hop` samples. threshold: in dB.
    """
    _, axes = figure(4.4, rows=2, sharex=True)
    wave, loudness = axes
    times = np.arange(len(levels)) * hop / rate
    wave.plot(np.arange(len(clip)) / rate, clip, color=COLOURS["audio"], linewidth=0.6)
    wave.set(yticks=[], title="waveform")
    loudness.plot(times, levels, color=COLOURS["audio"])
    loudness.axhline(threshold, color=BLACK, linestyle="--", linewidth=1.5)
    loudness.set(xlabel="seconds", ylabel="level (dB)")
    for panel in axes:
        low, high = panel.get_ylim()
        panel.fill_between(times, low, high, where=active.numpy(), color=GREY, alpha=0.4, lw=0)
        panel.set_ylim(low, high)
    return axes


@book_style()
def plot_ladder(rungs: Sequence[str], scores: Mapping[str, Tensor], chance: float) -> Axes:
    """Right answers for each representation: a bar for the mean of the folds, a dot for each.

    rungs: names, from the top. scores: {test: (rungs, folds)} in 0..1, at most two tests.
    """
    panel = figure(0.62 * len(rungs) + 1.0)[1][0]
    places, height = np.arange(len(rungs)), 0.8 / len(scores)
    for number, (label, values) in enumerate(scores.items()):
        shift = places - 0.4 + height * (number + 0.5)
        colour, shares = LINE_COLOURS[number], 100 * values.numpy()
        panel.barh(shift, shares.mean(1), height, color=colour, alpha=0.75, label=label)
        panel.plot(shares, np.stack([shift] * shares.shape[1], 1), "o", color=BLACK, markersize=3)
    panel.axvline(100 * chance, color=BLACK, linestyle=":", linewidth=1.5)
    panel.set(yticks=places, yticklabels=rungs, xlabel="right answers (%)", xlim=(0, 100))
    panel.invert_yaxis()
    panel.legend(loc="lower center", bbox_to_anchor=(0.35, 1.0), ncols=2)
    return panel


@book_style()
def plot_batch(values: Tensor, mask: Tensor, titles: Sequence[str], step: float) -> list[Axes]:
    """A batch as a network receives it: each clip's frames, and grey where there is none.

    values: (n, frames, mels). mask: (n, frames). step: seconds between frames.
    """
    _, axes = figure(1.25 * len(values), rows=len(values), sharex=True)
    end = step * values.shape[1]
    for panel, frames, real, title in zip(axes, values, mask, titles, strict=True):
        shown = frames.T.numpy()
        empty = np.broadcast_to(~real.numpy(), shown.shape)
        image = np.ma.masked_array(shown, empty)
        panel.set_facecolor(GREY)
        panel.imshow(
            image,
            origin="lower",
            aspect="auto",
            cmap="magma",
            extent=(0, end, 0, len(shown)),
            interpolation="nearest",
        )
        panel.set(ylabel=title, yticks=[])
    axes[-1].set_xlabel("seconds")
    return axes

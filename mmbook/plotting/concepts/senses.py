"""Pictures of the senses, of accuracy over noise, of who wins a conflict, and of history."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from mmbook.plotting.boxes import draw_box
from mmbook.plotting.style import BLACK, COLOURS, GREY, MARKERS, book_style, figure

_box = partial(draw_box, height=0.5, fontsize=12, lw=2.2)
SNR_AXIS = "ratio of voice to noise (dB)"


class Curve(NamedTuple):
    """A line over levels of noise: values (seeds, levels) in 0..1; kind, a key of COLOURS."""

    label: str
    values: Tensor
    kind: str


@book_style()
def plot_senses(
    image: Tensor, waveform: Tensor, spectrogram: Tensor, characters: Sequence[str], rate: int
) -> list[Axes]:
    """One sample as picture, waveform, log-mel spectrogram and characters, each with its shape.

    image: (1, rows, columns); waveform: (samples,) at `rate` Hz; spectrogram: (frames, mels);
    characters: one sign a place, empty for padding. Returns the four axes.
    """
    _, axes = figure(5.2, rows=2, columns=2)
    look, wave, mel, word = axes
    look.imshow(image[0].numpy(), cmap="gray")
    look.set_title(f"picture {tuple(image.shape)}")
    wave.plot(np.arange(len(waveform)) / rate, waveform, color=COLOURS["audio"], linewidth=0.6)
    wave.set_title(f"waveform {tuple(waveform.shape)}")
    wave.set(xlabel="seconds", yticks=[])
    mel.imshow(spectrogram.T.numpy(), origin="lower", aspect="auto", cmap="magma")
    mel.set_title(f"log-mel {tuple(spectrogram.shape)}")
    mel.set(xlabel="frame", ylabel="mel band")
    _boxes(word, characters)
    word.set_title(f"text ({len(characters)},)")
    look.set_axis_off()
    word.set_axis_off()
    return axes


def _boxes(axes: Axes, characters: Sequence[str]) -> None:
    """A row of squares with one character in each; padding is grey."""
    for place, character in enumerate(characters):
        colour = COLOURS["text"] if character else GREY
        square = Rectangle((place - 0.45, -0.45), 0.9, 0.9, edgecolor=colour, linewidth=2)
        square.set_facecolor("white" if character else GREY)
        axes.add_patch(square)
        axes.text(place, 0, character, family="monospace", fontsize=17, ha="center", va="center")
    axes.set(xlim=(-0.6, len(characters) - 0.4), ylim=(-1, 1), aspect="equal")


@book_style()
def plot_images(images: Tensor, titles: Sequence[str]) -> list[Axes]:
    """Pictures (n, 1, rows, columns) in one row, each in its own range of greys."""
    _, axes = figure(min(2.3, 7.4 / len(images)), columns=len(images))
    for panel, image, title in zip(axes, images, titles, strict=True):
        panel.imshow(image[0].numpy(), cmap="gray")
        panel.set_title(title)
        panel.set_axis_off()
    return axes


@book_style()
def draw_experts() -> Axes:
    """An eye and an ear, each with beliefs of its own, and how the two are joined.

    Beside an arrow stands the shape of what it carries, for n samples.
    """
    panel = figure(4.6)[1][0]
    panel.set(xlim=(-2.1, 2.1), ylim=(0.6, 5.4))
    panel.set_axis_off()
    for name, side, shape, words in (
        ("image", -1.0, "$(n, 1, 28, 28)$", "eye"),
        ("audio", 1.0, "$(n, 32, 40)$", "ear"),
    ):
        _box(panel, (side, 3.4), f"{words}: a network", 1.6, COLOURS[name])
        _arrow(panel, (side, 4.15), (side, 3.65), shape)
        _arrow(panel, (side, 3.15), (side, 2.35), "$(n, 10)$ beliefs")
    panel.text(-1.0, 4.4, "picture", ha="center", va="center", fontsize=12)
    panel.text(1.0, 5.25, "voice", ha="center", va="center", fontsize=12)
    _arrow(panel, (1.0, 5.1), (1.0, 4.65), "$(n, 6400)$")
    _box(panel, (1.0, 4.4), "spectrogram", 1.6, COLOURS["audio"])
    _box(panel, (0.0, 2.1), "multiply, digit by digit", 3.6, COLOURS["together"])
    _arrow(panel, (0.0, 1.85), (0.0, 1.05), "$(n, 10)$")
    panel.text(0.0, 0.8, "beliefs of both", ha="center", va="center", fontsize=12, weight="bold")
    return panel


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], carried: str) -> None:
    """An arrow downwards, and to its right what it carries."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 1.6, "color": BLACK})
    axes.text(start[0] + 0.08, (start[1] + end[1]) / 2, carried, va="center", fontsize=11)


@book_style()
def plot_accuracy(levels: Sequence[float], curves: Sequence[Curve]) -> Axes:
    """Right answers over the level of noise: a line for the mean of the seeds, a sign for each."""
    panel = figure(4.2)[1][0]
    for curve in curves:
        colour, marker = COLOURS[curve.kind], MARKERS.get(curve.kind, "v")
        shares = 100 * curve.values  # (seeds, levels)
        panel.plot(levels, shares.mean(0), color=colour, label=curve.label)
        panel.plot(levels, shares.T, marker, color=colour, markersize=4, alpha=0.6)
    panel.set(xlabel=SNR_AXIS, ylabel="right answers (%)", ylim=(0, 100))
    panel.legend()
    return panel


@book_style()
def plot_gains(levels: Sequence[float], curves: Sequence[Curve]) -> Axes:
    """What a second sense adds, in points: the mean of the seeds, and a band around all of them."""
    panel = figure(3.6)[1][0]
    for curve in curves:
        points = 100 * curve.values  # (seeds, levels)
        colour = COLOURS[curve.kind]
        panel.plot(levels, points.mean(0), color=colour, label=curve.label)
        panel.fill_between(
            levels, points.amin(0), points.amax(0), color=colour, alpha=0.2, linewidth=0
        )
    panel.axhline(0, color=GREY, linewidth=1.2, zorder=0)
    panel.set(xlabel=SNR_AXIS, ylabel="gain (points)")
    panel.legend()
    return panel


@book_style()
def plot_conflict(
    levels: Sequence[float], eye: Tensor, ear: Tensor, marks: Mapping[str, float]
) -> Axes:
    """Whom a model believes where picture and voice differ: three stacked areas of answers.

    eye, ear: (levels,) shares of answers in 0..1. marks: {label: level}, at most two, each drawn
    as a vertical line.
    """
    panel = figure(4.4)[1][0]
    shares = [100 * eye, 100 * (1 - eye - ear), 100 * ear]
    colours = [COLOURS["image"], GREY, COLOURS["audio"]]
    panel.stackplot(levels, *shares, colors=colours)
    left, right = min(levels) + 0.7, max(levels) - 0.7
    panel.text(left, 6, "the picture's\ndigit", color="white", weight="bold")
    panel.text(left, float(100 * eye[0]) + 6, "neither", color=BLACK, weight="bold")
    panel.text(right, 88, "the voice's digit", color=BLACK, weight="bold", ha="right")
    for (label, level), style in zip(marks.items(), ("-", ":"), strict=False):
        panel.axvline(level, color=BLACK, linestyle=style, label=label)
    panel.set(xlabel=SNR_AXIS, ylabel="answers (%)", ylim=(0, 100))
    panel.set_xlim(min(levels), max(levels))
    panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return panel


@book_style()
def plot_timeline(events: Sequence[tuple[int, str]]) -> Axes:
    """Events one below the other, so that a phone shows them; distances are not to scale.

    events: (year, what), in order of years.
    """
    panel = figure(0.44 * len(events))[1][0]
    panel.plot([0, 0], [0, len(events) - 1], color=GREY, linewidth=3, zorder=0)
    for place, (year, what) in enumerate(events):
        panel.plot(0, place, "o", color=COLOURS["image"], markersize=10)
        panel.text(-0.03, place, str(year), ha="right", va="center", weight="bold", fontsize=15)
        panel.text(0.03, place, what, ha="left", va="center", fontsize=15)
    panel.set(xlim=(-0.16, 1), ylim=(len(events) - 0.5, -0.5))
    panel.set_axis_off()
    return panel

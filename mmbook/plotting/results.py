"""Recorded results as pictures."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from mmbook.plotting.style import COLOURS

SYSTEM_STYLE = {
    "image alone": (COLOURS["image"], "o", "-"),
    "audio alone": (COLOURS["audio"], "s", "-"),
    "early": (COLOURS["early fusion"], "^", "-"),
    "late": (COLOURS["late fusion"], "v", "-"),
    "product": (COLOURS["together"], "D", ":"),
}


def plot_noise_curves(
    axes: Axes,
    systems: Mapping[str, Mapping[Any, tuple[float, float]]],
    label: str,
) -> None:
    """Accuracy of each system at each level of noise, with one standard deviation over the seeds.

    systems: {name: {level: (mean, standard deviation)}}, a level a number, or None for clean;
    label: of the horizontal axis. Raises KeyError for a system without a colour of its own.
    """
    for name, curve in systems.items():
        kind = name.split(",")[0]
        colour, marker, line = SYSTEM_STYLE[kind]
        axes.errorbar(
            ["clean" if level is None else f"{level:g}" for level in curve],
            [mean for mean, _ in curve.values()],
            [std for _, std in curve.values()],
            label=name,
            color=colour,
            marker=marker,
            linestyle=line,
            capsize=3,
        )
    axes.set_xlabel(label)
    axes.set_ylim(0, 1.02)
    axes.grid(axis="y", alpha=0.3)

"""Recorded results as pictures."""

from collections.abc import Mapping, Sequence

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
    levels: Sequence[str],
    systems: Mapping[str, Sequence[tuple[float, float]]],
    label: str,
) -> None:
    """Accuracy of each system at each level of noise, with one standard deviation over the seeds.

    systems: {name: (mean, standard deviation) for each level}; label: of the horizontal axis.
    """
    for name, points in systems.items():
        kind = name.split(",")[0]
        colour, marker, line = SYSTEM_STYLE[kind]
        axes.errorbar(
            levels,
            [mean for mean, _ in points],
            [std for _, std in points],
            label=name,
            color=colour,
            marker=marker,
            linestyle=line,
            capsize=3,
        )
    axes.set_xlabel(label)
    axes.set_ylim(0, 1.02)
    axes.grid(axis="y", alpha=0.3)

"""A few items of a data set, side by side."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import COLOURS, figure


def plot_images(images: Tensor, titles: Sequence[str]) -> list[Axes]:
    """Draw pictures in one row, each with its title.

    images: (n, 1 or 3, height, width), uint8 or float in [0, 1]. titles: n. Returns n axes.
    """
    if len(titles) != len(images):
        raise ValueError(f"{len(images)} pictures need as many titles, got {len(titles)}")
    _, axes = figure(2.6, columns=len(images))
    highest = 1.0 if images.is_floating_point() else 255
    for ax, image, title in zip(axes, images.movedim(1, -1).numpy(), titles, strict=True):
        grey = image.shape[-1] == 1
        shown = image[..., 0] if grey else image
        ax.imshow(shown, cmap="gray" if grey else None, vmin=0, vmax=highest)
        ax.set_title(title)
        ax.axis("off")
    return axes


def plot_waveforms(
    waveforms: Tensor, lengths: Sequence[int] | Tensor, rate: int, titles: Sequence[str]
) -> list[Axes]:
    """Draw sounds in one row, without their padding, each with its title.

    waveforms: (n, samples) at `rate` Hz. lengths, titles: n. Returns n axes.
    """
    if not len(waveforms) == len(lengths) == len(titles):
        raise ValueError(
            f"{len(waveforms)} sounds need as many lengths and titles, "
            f"got {len(lengths)} and {len(titles)}"
        )
    _, axes = figure(2.2, columns=len(waveforms), sharey=True)
    for ax, waveform, length, title in zip(axes, waveforms, lengths, titles, strict=True):
        clip = waveform[: int(length)].numpy()
        ax.plot(np.arange(len(clip)) / rate, clip, color=COLOURS["audio"], linewidth=0.6)
        ax.set_title(title)
        ax.set_xlabel("seconds")
        ax.locator_params(axis="x", nbins=3)
    axes[0].set_ylabel("pressure")
    return axes

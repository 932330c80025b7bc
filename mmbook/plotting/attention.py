"""Pictures of attention: weights, masks, positions, and the stream that passes through blocks."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from torch import Tensor

from mmbook.plotting.style import BLACK, BLUE, GREY, PURPLE, RED, book_style, figure

LINES = ((RED, "--", "o"), (BLUE, "-", "s"), (BLACK, ":", "D"), (PURPLE, "-.", "^"))


@book_style()
def plot_lookups(
    keys: Tensor, values: Tensor, query: float, weights: Mapping[str, Tensor], unit: str
) -> list[Axes]:
    """One query in a dictionary: what is stored above, and below it one row of bars a sharpness.

    keys: (n,) numbers; values: (n,); weights: {label: (n,)}, each drawn with the answer it gives.
    """
    _, axes = figure(1.7 * (len(weights) + 1), rows=len(weights) + 1, sharex=True)
    axes[0].plot(keys, values, "o", color=BLACK)
    axes[0].set(ylabel=unit)
    axes[0].margins(y=0.2)
    axes[0].set_title("what is stored")
    for drawn, (label, shares) in zip(axes[1:], weights.items(), strict=True):
        drawn.bar(keys.numpy(), shares.numpy(), width=0.6, color=BLUE)
        drawn.set(ylim=(0, 1), ylabel="weight")
        drawn.set_title(f"{label}: answer {float(shares @ values):.1f}")
    for drawn in axes:
        drawn.axvline(query, color=RED, linestyle="--", linewidth=1.5, zorder=0)
    axes[-1].set_xlabel("key")
    return axes


@book_style()
def plot_curves(
    x: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    logarithmic: str = "",
) -> Axes:
    """Numbers over other numbers, one line a label.

    logarithmic: the axes whose scale is logarithmic: "", "x", "y" or "xy".
    """
    panel = figure(3.6)[1][0]
    for (label, y), (colour, style, marker) in zip(curves.items(), LINES, strict=False):
        panel.plot(x, y, style, color=colour, marker=marker, label=label)
    if "x" in logarithmic:
        panel.set_xscale("log", base=2)
        panel.set_xticks(list(x), [f"{tick:g}" for tick in x])
        panel.minorticks_off()
    if "y" in logarithmic:
        panel.set_yscale("log")
    else:
        panel.set_ylim(0, None)
    panel.set(xlabel=xlabel, ylabel=ylabel)
    panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return panel


@book_style()
def plot_masks(masks: Mapping[str, Tensor]) -> list[Axes]:
    """Who may look at whom, side by side; masks: {label: (queries, keys) boolean}."""
    _, axes = figure(2.7, columns=len(masks))
    for drawn, (label, mask) in zip(axes, masks.items(), strict=True):
        drawn.imshow(mask.numpy(), cmap=ListedColormap(["white", BLUE]), vmin=0, vmax=1)
        drawn.set(xticks=[], yticks=[], xlabel="key")
        drawn.set_xticks(np.arange(-0.5, mask.shape[1]), minor=True)
        drawn.set_yticks(np.arange(-0.5, mask.shape[0]), minor=True)
        drawn.grid(which="minor", color=GREY, linewidth=0.8)
        drawn.tick_params(which="minor", length=0)
        drawn.set_title(label)
        for side in drawn.spines.values():
            side.set(visible=True, color=GREY)
    axes[0].set_ylabel("query")
    return axes


@book_style()
def plot_weights(
    weights: Mapping[str, Tensor], rows: Sequence[str], columns: Sequence[str], height: float = 4.2
) -> list[Axes]:
    """Attention weights as dark squares, side by side.

    weights: {label: (rows, columns)}, from 0 to 1. rows: the queries, columns: the keys.
    """
    _, axes = figure(height, columns=len(weights))
    for drawn, (label, values) in zip(axes, weights.items(), strict=True):
        drawn.imshow(values.numpy(), cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        drawn.set_xticks(range(len(columns)), columns)
        drawn.set_yticks(range(len(rows)), rows)
        drawn.set(xlabel="key")
        drawn.set_title(label)
        for side in drawn.spines.values():
            side.set(visible=True, color=GREY)
    axes[0].set_ylabel("query")
    return axes


@book_style()
def plot_positions(table: Tensor, products: Tensor) -> list[Axes]:
    """A table of sinusoids, (positions, width), and the dot product at each distance, (n,)."""
    _, axes = figure(5.6, rows=2)
    axes[0].imshow(
        table.T.numpy(), cmap="RdBu", vmin=-1, vmax=1, aspect="auto", interpolation="nearest"
    )
    axes[0].set(xlabel="position", ylabel="column")
    axes[1].plot(products, color=BLUE)
    axes[1].set(xlabel="distance of two positions", ylabel="dot product")
    return axes


@book_style()
def plot_norms(norms: Mapping[str, Sequence[float]], ylabel: str) -> Axes:
    """A number after each block; norms: {label: values from block 1 on}."""
    panel = figure(3.8)[1][0]
    for (label, values), (colour, style, _) in zip(norms.items(), LINES, strict=False):
        panel.plot(range(1, len(values) + 1), values, style, color=colour, label=label)
    panel.set(xlabel="block", ylabel=ylabel, ylim=(0, None))
    panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return panel

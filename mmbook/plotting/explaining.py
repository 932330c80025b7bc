"""Pictures of explanations: maps beside what they explain, and what tests say of them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, COLOURS, GREY, PURPLE, RED, book_style, figure


@book_style()
def draw_two_questions(classes: int, side: int = 64, square: int = 8) -> Axes:
    """Two ways to ask a network about a score: by its slope, and by painting a square over."""
    panel = figure(3.9)[1][0]
    picture, cells = f"(3, {side}, {side})", side // square
    draw_box(panel, (1.0, 3.6), f"picture\n{picture}", 1.9, BLUE, 0.8)
    draw_box(panel, (4.6, 3.6), "network", 1.5, BLACK, 0.8, filled=True)
    draw_box(panel, (8.4, 3.6), "score $s$\nof a word", 1.7, RED, 0.8)
    draw_arrow(panel, (1.95, 3.6), (3.85, 3.6))
    draw_arrow(panel, (5.35, 3.6), (7.55, 3.6), f"one of ({classes})")
    draw_box(panel, (1.0, 2.1), f"slope\n{picture}", 1.9, PURPLE, 0.8)
    panel.plot([8.4, 8.4], [3.2, 2.1], color=PURPLE, linewidth=1.6)
    draw_arrow(panel, (8.4, 2.1), (1.95, 2.1), "backwards, once", PURPLE)
    draw_box(panel, (1.0, 0.6), f"painted\n{picture}", 1.9, BLUE, 0.8)
    draw_box(panel, (4.6, 0.6), "network", 1.5, BLACK, 0.8, filled=True)
    draw_box(panel, (8.4, 0.6), f"$s - s'$: a cell\nof ({cells}, {cells})", 2.0, PURPLE, 0.8)
    draw_arrow(panel, (1.95, 0.6), (3.85, 0.6))
    draw_arrow(panel, (5.35, 0.6), (7.4, 0.6), f"{cells * cells} times")
    panel.set(xlim=(-0.1, 9.6), ylim=(0.0, 4.2))
    panel.axis("off")
    return panel


@book_style()
def plot_maps(panels: Sequence[tuple[str, Tensor]], columns: int = 4) -> list[Axes]:
    """Pictures and maps in rows, a title above each; returns their axes.

    panels: (title, tensor); a (3, height, width) tensor is a picture, uint8 or in [0, 1], and a
    (height, width) one a map, white where it is 0 and dark at its largest. Raises ValueError for
    another shape.
    """
    if wrong := [tuple(t.shape) for _, t in panels if t.ndim not in (2, 3)]:
        raise ValueError(
            f"pictures are (3, height, width) and maps (height, width), not {wrong[0]}"
        )
    rows = -(-len(panels) // columns)
    axes = figure(rows * (6.4 / columns + 0.34), rows, columns)[1]
    for panel in axes:
        panel.set(xticks=[], yticks=[])
        panel.spines[:].set_visible(False)
    for panel, (title, values) in zip(axes, panels, strict=False):
        panel.spines[:].set_visible(True)
        panel.spines[:].set_color(GREY)
        panel.set_title(title, fontsize=11)
        if values.ndim == 3:
            panel.imshow(values.movedim(0, -1).cpu().numpy(), interpolation="nearest")
            continue
        size = values.abs().cpu().numpy()
        panel.imshow(size, cmap="Purples", vmin=0, vmax=max(size.max(), 1e-12))
    return axes[: len(panels)]


@book_style()
def plot_tests(
    tests: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]],
    marks: Mapping[str, float] | None = None,
) -> list[Axes]:
    """A panel a test, a line a method, a dot a value.

    tests: {test: {method: {network: values}}}, all with the same methods and networks. marks:
    {test: what chance would give}, a dashed line. Returns the axes.
    """
    methods = list(next(iter(tests.values())))
    axes = figure(0.42 * len(methods) + 1.5, columns=len(tests), sharey=True)[1]
    signs = {}
    for panel, (test, found) in zip(axes, tests.items(), strict=True):
        if marks and test in marks:
            panel.axvline(marks[test], color=GREY, linestyle="--", linewidth=1.4)
        for row, method in enumerate(methods):
            panel.axhline(row, color="#EEEEEE", linewidth=1, zorder=0)
            for number, (network, values) in enumerate(found[method].items()):
                (signs[network],) = panel.plot(
                    values,
                    np.full(len(values), row),
                    linestyle="none",
                    color=(BLUE, RED, BLACK)[number],
                    marker="oxs"[number],
                    markersize=8,
                    markeredgewidth=2,
                )
        panel.set_xlabel(test, fontsize=12)
        panel.set_yticks(range(len(methods)), methods)
        panel.tick_params(axis="y", length=0)
    axes[0].invert_yaxis()
    axes[0].figure.legend(
        signs.values(), signs, loc="outside upper center", ncols=3, fontsize=11, handletextpad=0.2
    )
    return axes


@book_style()
def plot_sense_values(values: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[Axes]:
    """What senses are worth by several accounts: a panel a condition, a group of bars an account.

    values: {condition: {account: {sense: nats}}}.
    """
    axes = figure(3.6, columns=len(values), sharey=True)[1]
    for panel, (condition, accounts) in zip(axes, values.items(), strict=True):
        for group, account in enumerate(accounts.values()):
            for place, (sense, value) in enumerate(account.items()):
                at = group + 0.26 * (place - (len(account) - 1) / 2)
                label = sense if group == 0 else None
                panel.bar(at, value, 0.24, color=COLOURS.get(sense, GREY), label=label)
        panel.axhline(0, color=BLACK, linewidth=0.8)
        panel.set_xticks(range(len(accounts)), accounts, fontsize=10)
        panel.set_title(condition, fontsize=12)
        panel.tick_params(axis="x", length=0)
    axes[0].set_ylabel("nats")
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=11)
    return axes

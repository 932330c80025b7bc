"""Pictures of what training costs: what a step keeps, who holds what, and loss over compute."""

from collections.abc import Callable, Mapping, Sequence

import numpy
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import (
    BLACK,
    BLUE,
    HUES,
    RED,
    book_style,
    figure,
)

STEP = (  # what a step runs through, and the shape of what leaves it
    ("ids", "$(B, L)$"),
    ("embed", "$(B, L, D)$"),
    ("$n$ blocks", "$(B, L, D)$"),
    ("scores", "$(B, L, V)$"),
    ("loss", ""),
)
LIVES = (("gradients", "$(P)$"), ("Adam's means", "$(2, P)$"), ("weights", "$(P)$"))
MARKS = ("o", "s", "^", "D", "v")


@book_style()
def draw_training_step() -> Axes:
    """A step of a language model: shapes on its way, what is kept of it, and what stays.

    B texts of L tokens, width D, H heads, V symbols, P weights. What is kept until the backward
    pass is red, what lives from step to step blue.
    """
    _, (axes,) = figure(3.2)
    axes.set(xlim=(-0.7, 8.9), ylim=(-0.5, 2.75))
    axes.axis("off")
    for place, (name, shape) in enumerate(STEP):
        x = 2.05 * place
        draw_box(axes, (x, 2.2), name, 1.05, BLACK, 0.55, 10.5)
        if shape:
            draw_arrow(axes, (x + 0.53, 2.2), (x + 1.52, 2.2), shape)
    draw_box(
        axes,
        (4.1, 1.2),
        "kept for the way back: $17D + H + 4$ numbers a token and block",
        7.4,
        RED,
        0.5,
        10,
        filled=True,
    )
    draw_arrow(axes, (4.1, 1.92), (4.1, 1.46), colour=RED)
    for place, (name, shape) in enumerate(LIVES):
        draw_box(
            axes, (1.0 + 3.1 * place, 0.1), f"{name} {shape}", 2.5, BLUE, 0.5, 10.5, filled=True
        )
    draw_arrow(axes, (1.0, 0.94), (1.0, 0.36), colour=BLUE)
    draw_arrow(axes, (2.26, 0.1), (2.84, 0.1), colour=BLUE)
    draw_arrow(axes, (5.36, 0.1), (5.94, 0.1), colour=BLUE)
    return axes


@book_style()
def draw_processes() -> Axes:
    """Two processes that train together: what each of them holds, replicated and sharded."""
    _, panels = figure(2.9, columns=2)
    for axes, title, parts in zip(
        panels, ("replicated (DDP)", "sharded (FSDP)"), (1, 2), strict=True
    ):
        axes.set(xlim=(-0.2, 4.2), ylim=(-0.75, 2.9), title=title)
        axes.axis("off")
        for rank in (0, 1):
            x = 0.95 + 2.3 * rank
            shape = "$(P)$" if parts == 1 else "$(P / 2)$"
            draw_box(axes, (x, 2.3), "samples $(B / 2)$", 1.7, RED, 0.5, 9.5)
            height = 1.0 / parts
            bottom = 0.6 + (0.5 - rank * 0.5 if parts == 2 else 0)
            draw_box(axes, (x, 1.1), "", 1.7, BLUE, 1.0)
            draw_box(
                axes,
                (x, bottom + height / 2),
                f"weights {shape}",
                1.7,
                BLUE,
                height,
                9.5,
                filled=True,
            )
            draw_arrow(axes, (x, 2.02), (x, 1.64))
            axes.text(x, 0.35, f"process {rank}", ha="center", va="top", fontsize=9.5)
        said = "send: gradients $(P)$" if parts == 1 else "send: weights, twice, and gradients"
        axes.text(2.1, -0.2, said, ha="center", va="top", fontsize=9.5)
    return panels[0]


@book_style()
def plot_scaling(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    laws: Mapping[str, Callable[[numpy.ndarray], numpy.ndarray]],
) -> Axes:
    """Loss over compute on logarithmic axes: a line a model, and fitted laws dashed.

    runs: {model: (operations, losses)}. laws: {name: from operations (n,) to losses (n,)}, drawn
    over the range of all runs.
    """
    _, (axes,) = figure(3.9)
    for place, (name, (compute, losses)) in enumerate(runs.items()):
        axes.plot(
            compute,
            losses,
            color=HUES[place % len(HUES)],
            marker=MARKS[place % len(MARKS)],
            label=name,
        )
    every = [c for compute, _ in runs.values() for c in compute]
    x = numpy.geomspace(min(every), max(every), 50)
    for place, (name, law) in enumerate(laws.items()):
        axes.plot(x, law(x), color=BLACK, ls=("--", ":", "-.")[place % 3], lw=1.4, label=name)
    axes.set(xscale="log", yscale="log", xlabel="operations of a run")
    axes.set(ylabel="held-out loss, nats a character")
    axes.yaxis.set_major_formatter("{x:.1f}")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend(fontsize=9.5)
    return axes

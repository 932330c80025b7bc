"""Pictures of recurrence: a network unrolled, how far back it reaches, and what surprises it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from torch import Tensor

from mmbook.plotting.style import BLACK, BLUE, CYAN, GREEN, GREY, PURPLE, RED, book_style, figure

LINES = (GREY, BLUE, RED, BLACK, PURPLE, GREEN)
MARKS = ("o", "s", "^", "D", "v", "P")
Spread = tuple[float, float]  # mean and standard deviation
_ARROW = {"arrowstyle": "-|>", "color": BLACK, "linewidth": 1.6}


@book_style()
def plot_unrolled(inputs: Sequence[str], start: str = "0") -> Axes:
    """A recurrent network unrolled: one column a step, the same two weights everywhere.

    Below each weight stands the shape of what its arrow carries.
    """
    panel = figure(3.2)[1][0]
    for step, word in enumerate(inputs, 1):
        x = 2.0 * step
        for height, text, colour in (
            (0, f"$x_{step}$ = {word}", "white"),
            (1.5, f"$h_{step}$", CYAN),
        ):
            box = FancyBboxPatch(
                (x - 0.62, height - 0.3), 1.24, 0.6, "round,pad=0.05", facecolor=colour
            )
            panel.add_patch(box)
            panel.text(x, height, text, ha="center", va="center")
        panel.annotate("", (x, 1.14), (x, 0.36), arrowprops=_ARROW)
        panel.text(x + 0.1, 0.81, "$W$", color=RED)
        panel.text(x + 0.1, 0.51, r"$(D_{\mathrm{in}})$", fontsize=10)
        panel.annotate("", (x - 0.68, 1.5), (x - 1.32, 1.5), arrowprops=_ARROW)
        panel.text(x - 1.0, 1.62, "$U$", color=RED, ha="center")
        panel.text(x - 1.0, 1.22, "$(D)$", fontsize=10, ha="center")
    panel.text(0.6, 1.5, f"$h_0 = {start}$", ha="right", va="center")
    panel.set(xlim=(-0.4, 2.0 * len(inputs) + 0.8), ylim=(-0.45, 2.05))
    panel.axis("off")
    return panel


@book_style()
def draw_lstm() -> Axes:
    """One step of an LSTM: its cell above, which only gates change, and its state below.

    Beside an arrow stands the shape of what it carries, for one sequence.
    """
    panel = figure(4.6)[1][0]
    for start, end in (((0, 4.5), (9.6, 4.5)), ((7.6, 2.8), (9.6, 2.8)), ((0, 0.5), (7.6, 0.5))):
        panel.annotate("", end, start, arrowprops=_ARROW | {"arrowstyle": "-"})
    moves = (((9.5, 4.5), (9.8, 4.5)), ((9.5, 2.8), (9.8, 2.8)), ((1, -0.4), (1, 0.5)))
    moves += tuple(((x, 0.5), (x, 1.2)) for x in (2.2, 4.2, 5.9, 7.6))
    moves += (((2.2, 2), (2.2, 4.33)), ((7.6, 2), (7.6, 2.63)), ((5.05, 3.17), (5.05, 4.33)))
    moves += (((4.2, 2), (4.9, 2.87)), ((5.9, 2), (5.2, 2.87)))
    moves += (((7.6, 4.5), (7.6, 4.05)), ((7.6, 3.45), (7.6, 2.97)))
    for start, end in moves:
        panel.annotate("", end, start, arrowprops=_ARROW)
    gates = ((2.2, "forget\n$f_t$", BLUE), (4.2, "input\n$i_t$", BLUE))
    gates += ((5.9, "proposal\n$g_t$", RED), (7.6, "output\n$o_t$", BLUE))
    for x, text, colour in gates:
        corner = (x - 0.65, 1.25)
        style = "round,pad=0.05"
        panel.add_patch(FancyBboxPatch(corner, 1.3, 0.7, style, facecolor="white", ec=colour, lw=2))
        panel.text(x, 1.6, text, ha="center", va="center", fontsize=11)
    panel.add_patch(FancyBboxPatch((7.2, 3.5), 0.8, 0.5, "round,pad=0.05", facecolor=CYAN))
    panel.text(7.6, 3.75, "tanh", ha="center", va="center", fontsize=11)
    for x, y, sign in ((2.2, 4.5, "×"), (5.05, 3, "×"), (5.05, 4.5, "+"), (7.6, 2.8, "×")):
        panel.plot(x, y, "o", ms=17, mfc="white", mec=BLACK, zorder=3)
        panel.text(x, y - 0.02, sign, ha="center", va="center", zorder=4)
    ends = ((0.1, 4.75, "$c_{t-1}$  $(D)$"), (8.4, 4.75, "$c_t$  $(D)$"), (2.3, 3, "$(D)$"))
    ends += ((0.1, 0.75, "$h_{t-1}$  $(D)$"), (8.4, 3.05, "$h_t$  $(D)$"), (5.15, 3.75, "$(D)$"))
    ends += ((3.85, 2.5, "$(D)$"), (5.75, 2.5, "$(D)$"), (7.7, 2.25, "$(D)$"))
    ends += ((7.7, 3.2, "$(D)$"), (1.1, -0.3, r"$x_t$  $(D_{\mathrm{in}})$"))
    ends += tuple((x + 0.1, 0.85, r"$(D), (D_{\mathrm{in}})$") for x, _, _ in gates)
    for x, y, text in ends:
        panel.text(x, y, text, va="center", fontsize=10)
    panel.set(xlim=(-0.1, 10), ylim=(-0.6, 5.1))
    panel.axis("off")
    return panel


@book_style()
def plot_reach(gradients: Mapping[str, Tensor], floor: float = -12.0) -> Axes:
    """How strongly the last state depends on inputs further and further back.

    gradients: {network: (steps,) norms, the last input first}. Colour: their logarithm to base 10.
    """
    drawn, axes = figure(0.5 * len(gradients) + 1.4)
    panel = axes[0]
    rows = np.log10(np.maximum(np.stack([g.numpy() for g in gradients.values()]), 10.0**floor))
    image = panel.imshow(
        rows, aspect="auto", cmap="RdBu_r", vmin=floor, vmax=-floor, interpolation="nearest"
    )
    panel.set_yticks(range(len(gradients)), list(gradients))
    panel.set(xlabel="steps back")
    panel.spines[:].set_visible(False)
    bar = drawn.colorbar(image, ax=panel, ticks=[floor, floor / 2, 0, -floor / 2, -floor])
    bar.set_label("log₁₀ of the gradient")
    return panel


@book_style()
def plot_memory(
    tasks: Mapping[str, Mapping[str, Mapping[int, Spread]]], chance: float
) -> list[Axes]:
    """The share of right answers by the number of symbols read, a panel for each task.

    tasks: {task: {network: {symbols: (mean, standard deviation)}}}. chance: what guessing gives.
    """
    drawn, axes = figure(4.2, columns=len(tasks), sharey=True)
    for panel, (task, networks) in zip(axes, tasks.items(), strict=True):
        _draw_curves(panel, networks, LINES[1:])
        panel.axhline(chance, color=GREY, linestyle="--", label="chance")
        panel.set(title=task, xlabel="symbols read", xscale="log", ylim=(0, 1.05))
        _show_sizes(panel, networks)
    axes[0].set_ylabel("accuracy")
    handles, labels = axes[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=11)
    return axes


@book_style()
def plot_perplexities(texts: Mapping[str, Mapping[str, Mapping[int, Spread]]]) -> list[Axes]:
    """Perplexity by the number of training sentences, a panel for each text.

    texts: {text: {model: {sentences: (mean, standard deviation)}}}. Both axes are logarithmic.
    """
    _, axes = figure(3.9, columns=len(texts))
    for panel, (text, models) in zip(axes, texts.items(), strict=True):
        _draw_curves(panel, models, LINES)
        values = [mean for curve in models.values() for mean, _ in curve.values()]
        ticks = [t for t in (10, 20, 30, 50, 70, 100, 150, 200) if min(values) < t < max(values)]
        panel.set(title=text, xlabel="sentences", xscale="log", yscale="log")
        _show_sizes(panel, models)
        panel.set_yticks(ticks, [str(tick) for tick in ticks])
    axes[0].set_ylabel("perplexity")
    axes[0].legend(fontsize=11)
    return axes


def _draw_curves(
    panel: Axes, curves: Mapping[str, Mapping[int, Spread]], colours: Sequence[str]
) -> None:
    """A line with error bars for each {size: (mean, standard deviation)}."""
    for (name, curve), colour, mark in zip(curves.items(), colours, MARKS, strict=False):
        means, spreads = zip(*curve.values(), strict=True)
        panel.errorbar(
            list(curve), means, spreads, fmt=mark + "-", color=colour, label=name, capsize=3
        )


def _show_sizes(panel: Axes, curves: Mapping[str, Mapping[int, Spread]]) -> None:
    """Mark the sizes that were measured on a logarithmic x axis, and no others."""
    sizes = sorted({size for curve in curves.values() for size in curve})
    panel.minorticks_off()
    panel.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=11)


@book_style()
def plot_surprise(words: Sequence[str], surprise: Tensor) -> Axes:
    """How unexpected each word of a sentence is: −log₂ p, in bits, (words,)."""
    panel = figure(3.2)[1][0]
    panel.bar(range(len(words)), surprise.tolist(), color=GREEN)
    panel.set_xticks(range(len(words)), words, rotation=35, ha="right")
    panel.set(ylabel="surprise (bits)")
    return panel


@book_style()
def plot_both_directions(words: Sequence[str], width: int) -> Axes:
    """A sentence on its way from ids, below, to tokens, above, through two directions.

    width: of a token; half of it comes from each direction. Shapes stand beside the arrows, and
    the two states that have read the whole sentence have thick frames.
    """
    panel = figure(4.6)[1][0]
    half, last = width // 2, len(words) - 1
    heights = (0.0, 1.3, 2.6, 3.4, 4.7)
    for step, word in enumerate(words):
        looks = ((word, "white", 1), ("", GREY, 1), ("", BLUE, 1 + 2 * (step == last)))
        looks += (("", RED, 1 + 2 * (step == 0)), ("", PURPLE, 1))
        for height, (text, colour, edge) in zip(heights, looks, strict=True):
            corner = (step - 0.34, height - 0.2)
            style = "round,pad=0.03"
            panel.add_patch(FancyBboxPatch(corner, 0.68, 0.4, style, facecolor=colour, lw=edge))
            panel.text(step, height, text, ha="center", va="center", fontsize=11)
        for low, high in ((0.25, 1.05), (1.55, 2.35), (3.65, 4.45)):
            panel.annotate("", (step, high), (step, low), arrowprops=_ARROW)
        if step:
            panel.annotate("", (step - 0.36, 2.6), (step - 0.64, 2.6), arrowprops=_ARROW)
            panel.annotate("", (step - 0.64, 3.4), (step - 0.36, 3.4), arrowprops=_ARROW)
    shapes = ((0.65, "ids\n(n, L)"), (1.95, f"embeddings\n(n, L, {width})"))
    shapes += ((3.0, f"states\n2 × (n, L, {half})"), (4.05, f"tokens\n(n, L, {width})"))
    for height, text in shapes:
        panel.text(last + 0.55, height, text, va="center", fontsize=11)
    panel.set(xlim=(-0.5, last + 2.6), ylim=(-0.35, 5.05))
    panel.axis("off")
    return panel


@book_style()
def plot_knowledge(
    languages: Mapping[str, tuple[Sequence[str], Tensor]], readers: Sequence[str]
) -> list[Axes]:
    """What each word's token knows, as dark squares: a panel a language, a row a reader.

    languages: {name: (words, (readers, words) shares from 0 to 1)}.
    """
    _, axes = figure(1.9 * len(languages), rows=len(languages))
    for panel, (name, (words, shares)) in zip(axes, languages.items(), strict=True):
        panel.imshow(shares.numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
        panel.set_xticks(range(len(words)), words, rotation=55, ha="right", fontsize=10)
        panel.set_yticks(range(len(readers)), readers, fontsize=11)
        panel.set_title(name)
        panel.spines[:].set_visible(False)
    return axes

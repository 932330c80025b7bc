"""Pictures of text as numbers. Letters in figures are Latin; tables hold any script."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from mmbook.plotting.style import COLOURS, GREY, book_style, figure

# One colour for each language and each way to read a sentence, in all pictures of text.
LANGUAGE_COLOURS = {"en": COLOURS["text"], "zh": COLOURS["late fusion"]}
_READINGS = (
    *(COLOURS[name] for name in ("text", "audio", "image", "other")),
    COLOURS["late fusion"],
)
ARROW: dict[str, Any] = {"arrowstyle": "-|>", "lw": 2}
_CELL = "border:1px solid;text-align:center;padding:.15em .1em;white-space:nowrap"
_NAME = "text-align:right;padding-right:.5em;font-weight:normal;white-space:nowrap"
_SHADES = ("rgba(68,119,170,.18)", "rgba(128,128,128,.06)")


def sentence_table(rows: Mapping[str, Sequence[tuple[str, int]]], title: str) -> str:
    """One sentence cut in several ways, as HTML: a row each way, a cell each part.

    rows: {name: (what stands in the cell, how many bytes it covers)}; all rows must cover as many
    bytes. title: of the table, read out by screen readers. Raises ValueError on unequal rows.
    """
    widths = {name: sum(size for _, size in cells) for name, cells in rows.items()}
    if len(set(widths.values())) > 1 or any(size < 1 for c in rows.values() for _, size in c):
        raise ValueError(f"every row must cover the same bytes, but they cover {widths}")
    lines = []
    for name, cells in rows.items():
        parts = "".join(
            f'<td colspan="{size}" style="{_CELL};background:{_SHADES[place % 2]}">'
            f"{html.escape(text)}</td>"
            for place, (text, size) in enumerate(cells)
        )
        lines.append(f'<tr><th scope="row" style="{_NAME}">{name}, {len(cells)}</th>{parts}</tr>')
    return (
        f'<div tabindex="0" role="region" aria-label="{html.escape(title)}" '
        'style="overflow-x:auto;font-size:.8em"><table style="border-collapse:collapse">'
        f'<caption style="color:inherit">{html.escape(title)}</caption>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


@book_style()
def draw_text_way() -> Axes:
    """The steps from a text to vectors, and the way back from ids to the text.

    Beside an arrow stands the shape of what it carries, for one text and for a batch of B.
    """
    _, (ax,) = figure(2.5)
    ax.set(xlim=(-0.95, 8.75), ylim=(-1.5, 1.05))
    ax.axis("off")
    carried = ("text $s$", "text $s'$", "ids $t$\n$(L,)$", "ids, mask\n$(B, L)$")
    for place, (step, label) in enumerate(
        zip(("normalise", "encode", "pad", "embed"), carried, strict=True)
    ):
        middle = 2.2 * place + 0.75
        _step(ax, (middle, 0), step)
        _carry(ax, (middle - 1.5, 0), (middle - 0.62, 0), label)
    _carry(ax, (7.97, 0), (8.7, 0), "vectors\n$(B, L, D)$")
    _step(ax, (2.95, -1.2), "decode")
    for bend, end, start in (
        ("angleA=-90,angleB=0", (3.6, -1.2), (4.0, -0.08)),
        ("angleA=180,angleB=90", (1.85, -0.08), (2.33, -1.2)),
    ):
        ax.annotate("", end, start, arrowprops=ARROW | {"connectionstyle": f"angle,{bend}"})
    return ax


@book_style()
def draw_levels(contexts: Sequence[str]) -> Axes:
    """The levels of an n-gram model, from below to above: each mixes its counts into those below.

    contexts: what stands in the box of each level, the shortest context first. Beside an arrow
    stands the shape of what it carries, for V words that may come next.
    """
    _, (ax,) = figure(0.5 + 0.82 * len(contexts))
    top = len(contexts) - 1
    ax.set(xlim=(-4.1, 3.2), ylim=(-0.35, top + 0.95))
    ax.axis("off")
    for level, context in enumerate(contexts):
        _step(ax, (0, level), context, 3.2)
        name = "answer" if level == top else "probabilities"
        ax.annotate("", (0, level + 0.73), (0, level + 0.26), arrowprops=ARROW)
        ax.text(0.12, level + 0.48, f"{name} $(V,)$", va="center", fontsize=10)
        if level:
            ax.annotate("", (-1.62, level), (-2.4, level), arrowprops=ARROW)
            ax.text(-2.5, level, "counts $(V,)$", ha="right", va="center", fontsize=10)
    return ax


def _step(ax: Axes, middle: tuple[float, float], words: str, width: float = 1.24) -> None:
    x, y = middle
    corner = (x - width / 2, y - 0.26)
    ax.add_patch(Rectangle(corner, width, 0.52, fc="white", ec=COLOURS["text"], lw=2))
    ax.text(x, y, words, ha="center", va="center", fontsize=10.5)


def _carry(ax: Axes, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
    ax.annotate("", end, start, arrowprops=ARROW)
    middle = (start[0] + end[0]) / 2
    ax.text(middle - 0.04, 0.36, label, ha="center", va="bottom", fontsize=10)


@book_style()
def plot_zipf(counts: Mapping[str, Sequence[int]], exponents: Mapping[str, float]) -> Axes:
    """How often the word of each rank occurs, on logarithmic axes, and Zipf's law beside it.

    counts: {name: of each word, in any order}. exponents: {name: s of the law f(r) ∝ r^(−s)},
    scaled to the same number of running words.
    """
    _, (ax,) = figure(3.6)
    markers = dict(zip(counts, "o^sD", strict=False))
    for (name, values), colour in zip(counts.items(), _READINGS, strict=False):
        ordered = sorted(values, reverse=True)
        ranks = range(1, len(ordered) + 1)
        law = [rank ** -exponents[name] for rank in ranks]
        scale = sum(ordered) / sum(law)
        ax.plot(ranks, ordered, markers[name], color=colour, markersize=4, alpha=0.7, label=name)
        ax.plot(ranks, [scale * share for share in law], color=colour, linewidth=1.5)
    ax.set(xscale="log", yscale="log", xlabel="rank of the word", ylabel="how often it occurs")
    ax.legend()
    return ax


@book_style()
def plot_token_costs(costs: Mapping[str, Mapping[str, float]]) -> Axes:
    """Tokens of an average sentence, as bars: a group each tokenizer, a bar each language.

    costs: {what the tokenizer was trained on: {language: tokens a sentence}}.
    """
    _, (ax,) = figure(3.4)
    languages = list(next(iter(costs.values())))
    height = 0.8 / len(languages)
    for place, language in enumerate(languages):
        rows = [row + height * (place - (len(languages) - 1) / 2) for row in range(len(costs))]
        values = [by_language[language] for by_language in costs.values()]
        colour = LANGUAGE_COLOURS.get(language, GREY)
        bars = ax.barh(rows, values, height * 0.95, color=colour, label=language)
        ax.bar_label(bars, fmt="%.1f", padding=3, fontsize=11)
    ax.set_yticks(range(len(costs)), [f"trained on {name}" for name in costs])
    ax.invert_yaxis()
    ax.set_xlabel("tokens in a sentence")
    ax.margins(x=0.12)
    ax.legend()
    return ax


@book_style()
def plot_readings(scores: Mapping[str, Mapping[str, float]], chance: Mapping[str, float]) -> Axes:
    """How well each way to read a text answers each question, as bars, with chance as a line.

    scores: {question: {way: share of right answers}}. chance: {question: share by guessing}.
    """
    _, (ax,) = figure(4.2)
    ways = list(next(iter(scores.values())))
    height = 0.8 / len(ways)
    for place, (way, colour) in enumerate(zip(ways, _READINGS, strict=False)):
        rows = [row + height * (place - (len(ways) - 1) / 2) for row in range(len(scores))]
        ax.barh(rows, [by_way[way] for by_way in scores.values()], height * 0.9, color=colour)
        ax.plot([], [], color=colour, linewidth=8, label=way)
    for row, question in enumerate(scores):
        ax.vlines(chance[question], row - 0.45, row + 0.45, color=COLOURS["together"], linewidth=2)
    ax.plot([], [], color=COLOURS["together"], linewidth=2, label="by chance")
    ax.set_yticks(range(len(scores)), list(scores))
    ax.set(xlim=(0, 1), xlabel="share of right answers")
    ax.invert_yaxis()
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return ax


@book_style()
def plot_masks(masks: Mapping[str, Tensor]) -> list[Axes]:
    """Batches as the model receives them: a row each sentence, dark where a token is real.

    masks: {title: (batch, length) bool}.
    """
    _, axes = figure(0.4 + 1.7 * len(masks), rows=len(masks), sharex=True)
    longest = max(mask.shape[1] for mask in masks.values())
    for ax, (title, mask) in zip(axes, masks.items(), strict=True):
        rows, columns = mask.shape
        shown = [0.75 if real else 0.12 for real in mask.flatten().tolist()]
        ax.pcolormesh(
            [[shown[row * columns + column] for column in range(columns)] for row in range(rows)],
            cmap="Greens",
            vmin=0,
            vmax=1,
            edgecolors="white",
            linewidth=0.8,
        )
        ax.set(title=title, ylabel="sentence", xlim=(0, longest), yticks=[])
        ax.invert_yaxis()
    axes[-1].set_xlabel("place in the row")
    return axes

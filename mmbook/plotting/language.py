"""Pictures of text as numbers. Letters in figures are Latin; tables hold any script."""

import html
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.style import COLOURS, GREY, book_style, figure

# One colour for each language and each way to read a sentence, in all pictures of text.
LANGUAGE_COLOURS = {"en": COLOURS["text"], "zh": COLOURS["late fusion"]}
_READINGS = (COLOURS["text"], COLOURS["audio"], COLOURS["image"], COLOURS["other"])
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

"""Pictures of the general model: its types, what each sense adds, and what it draws."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.boxes import draw_box
from mmbook.plotting.style import COLOURS, WIDTH, book_style, figure

Shape = Sequence[int]
_box = partial(draw_box, height=0.7, fontsize=12.5, weight="bold", lw=2.5)


def draw_composition(
    inputs: Mapping[str, Shape], tokens: Mapping[str, Shape], fused: Shape, output: Shape
) -> Axes:
    """The general model from top to bottom: one column a modality, a real shape on every arrow.

    inputs, tokens: the shape of each modality before and after its encoder; fused: after fusion;
    output: what the decoder returns. Returns the axes.
    """
    _, (axes,) = figure(height=5.2)
    axes.set(xlim=(-0.5, len(inputs) - 0.5), ylim=(-0.45, 6.4))
    axes.axis("off")
    middle = (len(inputs) - 1) / 2
    for column, (name, shape) in enumerate(inputs.items()):
        colour = COLOURS.get(name, COLOURS["other"])
        _text(axes, column, 6, f"{name}\n{_write(shape)}")
        _arrow(axes, (column, 5.6), (column, 4.95))
        _box(axes, (column, 4.6), f"encode {name}", 0.84, colour)
        _arrow(axes, (column, 4.25), (column, 2.55))
        _text(axes, column, 3.45, _write(tokens[name]), background=True)
    _box(axes, (middle, 2.2), "fuse", len(inputs) - 0.16, COLOURS["together"])
    _arrow(axes, (middle, 1.85), (middle, 0.95))
    _text(axes, middle, 1.43, _write(fused), background=True)
    _box(axes, (middle, 0.6), "decode", 0.84, COLOURS["together"])
    _arrow(axes, (middle, 0.25), (middle, -0.1))
    _text(axes, middle, -0.3, f"answer  {_write(output)}")
    return axes


def draw_samples(images: Tensor, spectrograms: Tensor, words: Sequence[str]) -> list[Axes]:
    """Samples side by side, each as picture, spectrogram and word from top to bottom.

    images: (n, 1, height, width); spectrograms: (n, frames, bands); words: one a sample. Returns
    the axes of the pictures, then those of the spectrograms.
    """
    count = len(words)
    with book_style():
        size = (WIDTH, 0.7 + 2 * WIDTH / count)
        _, grid = plt.subplots(2, count, figsize=size, squeeze=False)
    for column, word in enumerate(words):
        look, sound = grid[:, column]
        look.imshow(images[column, 0].numpy(), cmap="gray")
        sound.imshow(spectrograms[column].T.numpy(), origin="lower", aspect="auto", cmap="magma")
        sound.set_xlabel(word, fontsize=14, family="monospace")
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
    for axes, name in zip(grid[:, 0], ("image", "audio"), strict=True):
        axes.set_ylabel(name)
    return list(grid.flat)


def draw_lattice(
    accuracies: Mapping[frozenset[str], float], senses: Sequence[str], title: str = ""
) -> Axes:
    """Every subset of three senses as a node with its accuracy, and what each added sense gains.

    accuracies: from 0 to 1, for each of the 7 subsets; written in percent, gains in points.
    senses: all three, in their order from left to right. Raises ValueError where a subset lacks.
    """
    subsets = [frozenset(c) for size in (1, 2, 3) for c in combinations(senses, size)]
    missing = [sorted(s) for s in subsets if s not in accuracies]
    if len(senses) != 3 or missing:
        raise ValueError(f"a lattice takes all subsets of 3 senses; without {missing}")
    places = {s: _place(s, senses) for s in subsets}
    _, (axes,) = figure(height=5.2)
    axes.set(xlim=(-0.6, 2.6), ylim=(-0.45, 2.4), title=title)
    axes.axis("off")
    for small in subsets:
        for large in subsets:
            if len(large) == len(small) + 1 and small < large:
                _edge(axes, places[small], places[large], accuracies[large] - accuracies[small])
    for subset, place in places.items():
        single = next(iter(subset)) if len(subset) == 1 else "together"
        names = " + ".join(s for s in senses if s in subset)
        axes.text(
            *place,
            f"{names if len(subset) < 3 else 'all three'}\n{100 * accuracies[subset]:.0f} %",
            ha="center",
            va="center",
            fontsize=11.5,
            zorder=3,
            bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": COLOURS[single], "lw": 2.2},
        )
    return axes


def draw_images(rows: Mapping[str, Tensor], columns: Sequence[str]) -> list[Axes]:
    """Rows of grey pictures under the names of their columns.

    rows: {label: (columns, 1, height, width) or (columns, height, width)}, values from 0 to 1.
    Raises ValueError where a row has not one picture for each column.
    """
    wrong = {name: len(p) for name, p in rows.items() if len(p) != len(columns)}
    if wrong:
        raise ValueError(f"{len(columns)} columns, but these rows have as many pictures: {wrong}")
    with book_style():
        height = 0.45 + WIDTH / (len(columns) + 2) * len(rows)
        _, grid = plt.subplots(len(rows), len(columns), figsize=(WIDTH, height), squeeze=False)
    for line, (name, images) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(line, images, strict=True):
            axes.imshow(image.squeeze().numpy(), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            for side in axes.spines.values():
                side.set(visible=True, color=COLOURS["baseline"])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=12)
    for axes, name in zip(grid[0], columns, strict=True):
        axes.set_title(name, fontsize=12)
    return list(grid.flat)


def _write(shape: Shape) -> str:
    return " × ".join(map(str, shape))


def _text(axes: Axes, x: float, y: float, words: str, background: bool = False) -> None:
    box = {"fc": "white", "ec": "none", "pad": 2} if background else None
    axes.text(x, y, words, ha="center", va="center", fontsize=12, bbox=box, zorder=3)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 1.6, "color": "black"})


def _place(subset: frozenset[str], senses: Sequence[str]) -> tuple[float, float]:
    """One sense below, two in the middle, three on top; a pair stands opposite what it lacks."""
    if len(subset) == 1:
        return float(senses.index(next(iter(subset)))), 0.0
    if len(subset) == 2:
        lacking = next(i for i, s in enumerate(senses) if s not in subset)
        return 2.0 - lacking, 1.1
    return 1.0, 2.2


def _edge(axes: Axes, start: tuple[float, float], end: tuple[float, float], gain: float) -> None:
    """A line, with the gain in points a little above where it starts: there no two lines meet."""
    axes.plot(*zip(start, end, strict=True), color=COLOURS["baseline"], lw=1.5, zorder=1)
    share = 0.5 if start[0] == end[0] else 0.36
    x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
    box = {"fc": "white", "ec": "none", "pad": 1}
    axes.text(x, y, f"{100 * gain:+.0f}", ha="center", va="center", fontsize=11, bbox=box, zorder=2)

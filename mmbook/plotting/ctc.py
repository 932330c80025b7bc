"""Pictures of connectionist temporal classification: the network, its lattice, its peaks."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, GREY, HUES, RED, book_style, figure

STEPS = (  # the boxes, what each does, and the shape of what leaves it
    ("sound", "", r"$(n, samples)$"),
    ("bands", "log-mel,\nless its mean", "$(n, T, 32)$"),
    ("encode", "convolutions\nand a GRU", "$(n, T, 256)$"),
    ("score", "blank and\n16 letters", "$(n, T, 17)$"),
    ("collapse", "merge, drop\nblanks", "a text"),
)
BLANK = "–"


@book_style()
def draw_transcriber() -> Axes:
    """From sound to text in a row of boxes, the shape of what each passes on behind it."""
    _, (axes,) = figure(2.0)
    axes.set(xlim=(-0.8, 10.0), ylim=(-0.9, 0.9))
    axes.axis("off")
    for place, (name, what, shape) in enumerate(STEPS):
        x = 2.0 * place
        draw_box(axes, (x, 0), name, 1.15, RED if place == 0 else BLUE, 0.55, 10.5, filled=True)
        axes.text(x, -0.4, what, ha="center", va="top", fontsize=9)
        draw_arrow(axes, (x + 0.58, 0), (x + 1.42, 0))
        axes.text(x + 1.0, 0.35, shape, ha="center", va="bottom", fontsize=8.5)
    return axes


@book_style()
def draw_lattice(
    labels: str, frames: int, shares: Tensor | None = None, names: Sequence[str] = ()
) -> Axes:
    """All alignments of labels with frames: a row a place, blanks between, an arrow each step.

    shares: (frames, places) that is written into the circles and fills them, as an occupancy.
    names: of the frames. Circles that no whole path passes are grey.
    """
    places = [BLANK]
    for label in labels:
        places += [label, BLANK]
    inside = _on_a_path(places, frames)
    _, (axes,) = figure(0.62 * len(places) + 0.8)
    axes.set(xlim=(-0.9, frames - 0.5), ylim=(len(places) - 0.4, -0.9))
    axes.axis("off")
    for s, name in enumerate(places):
        axes.text(-0.6, s, name, ha="center", va="center", fontsize=14)
    for t in range(frames):
        axes.text(t, -0.65, names[t] if names else f"frame {t + 1}", ha="center", fontsize=10.5)
    for t, (here, there) in enumerate(pairwise(inside)):
        for s in here:
            for step in _steps(places, s):
                if step in there:
                    axes.annotate(
                        "",
                        (t + 0.82, step - 0.05 * (step - s)),
                        (t + 0.18, s + 0.05 * (step - s)),
                        arrowprops={"arrowstyle": "-|>", "lw": 1.2, "color": BLACK},
                    )
    for t, here in enumerate(inside):
        for s in range(len(places)):
            used = s in here
            share = float(shares[t, s]) if shares is not None and used else 0.0
            axes.plot(t, s, "o", ms=26, mfc="white", mec=BLUE if used else GREY, mew=1.6, zorder=3)
            if share > 0:
                axes.plot(t, s, "o", ms=26, color=BLUE, alpha=share, zorder=4)
            if shares is not None and used:
                ink = "white" if share > 0.6 else "black"
                axes.text(
                    t, s, f"{share:.2f}", ha="center", va="center", fontsize=9, color=ink, zorder=5
                )
    return axes


@book_style()
def plot_peaks(
    probabilities: Tensor,
    letters: Sequence[str],
    places: Sequence[tuple[float, float]] = (),
    seconds: float = 0.02,
) -> Axes:
    """Probabilities over time, blank in grey, each letter named at its peak; words as bands below.

    probabilities: (frames, 1 + letters). places: first and last second of each word.
    """
    _, (axes,) = figure(3.2)
    values = probabilities.detach().numpy()
    time = np.arange(len(values)) * seconds
    for start, stop in places:
        axes.axvspan(start, stop, color=GREY, alpha=0.3, lw=0)
    axes.plot(time, values[:, 0], color="#999999", lw=1.2, label="blank")
    shown = [c for c in range(1, values.shape[1]) if values[:, c].max() > 0.2]
    for row, c in enumerate(shown):
        axes.plot(time, values[:, c], color=HUES[row % len(HUES)], lw=1.6)
        around = np.pad(values[:, c], 1)  # the first and the last frame may be peaks, too
        tops = (values[:, c] >= around[:-2]) & (values[:, c] > around[2:]) & (values[:, c] > 0.3)
        for t in np.nonzero(tops)[0]:
            name = letters[c - 1] if letters[c - 1] != " " else "␣"
            axes.text(time[t], values[t, c] + 0.03, name, ha="center", fontsize=11)
    axes.set(xlabel="seconds", ylabel="probability", ylim=(0, 1.18), xlim=(0, time[-1]))
    axes.legend(fontsize=10, loc="lower left", bbox_to_anchor=(0, 1.0))
    return axes


def _steps(places: Sequence[str], s: int) -> list[int]:
    """Where a path may be next: here, one on, or two on past a blank between different labels."""
    found = [s, s + 1]
    if s + 2 < len(places) and places[s + 2] != BLANK and places[s + 2] != places[s]:
        found.append(s + 2)
    return [place for place in found if place < len(places)]


def _on_a_path(places: Sequence[str], frames: int) -> list[set[int]]:
    """The places of each frame that lie on a path from begin to end."""
    forward = [{0, min(1, len(places) - 1)}]
    for _ in range(frames - 1):
        forward.append({step for s in forward[-1] for step in _steps(places, s)})
    kept = [forward[-1] & {len(places) - 1, max(0, len(places) - 2)}]
    for row in reversed(forward[:-1]):
        kept.append({s for s in row if set(_steps(places, s)) & kept[-1]})
    return kept[::-1]

"""How every picture of the book looks: sizes, letters, and one fixed colour for each thing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Paul Tol's "bright" scheme (2021): told apart with every common kind of colour blindness.
BLUE, RED, GREEN, YELLOW = "#4477AA", "#EE6677", "#228833", "#CCBB44"
CYAN, PURPLE, GREY, BLACK = "#66CCEE", "#AA3377", "#BBBBBB", "#222222"
HUES = (BLUE, RED, GREEN, PURPLE, YELLOW)  # of lines that have no colour of their own

# One colour for each sense and each kind of system, the same in every chapter.
COLOURS = {
    "image": BLUE,
    "audio": RED,
    "text": GREEN,
    "together": BLACK,
    "late fusion": PURPLE,
    "early fusion": CYAN,
    "other": YELLOW,
    "baseline": GREY,
}
# Lines differ in more than colour: a second sign for who sees none.
MARKERS = {"image": "o", "audio": "s", "text": "^", "together": "D"}

WIDTH = 6.4  # inches; a phone shows it at about half this size, so letters are large
SETTINGS: dict[Any, float | str | bool] = {
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "white",
    "lines.linewidth": 2.2,
    "lines.markersize": 7,
    "legend.frameon": False,
    "savefig.facecolor": "white",
}


@contextmanager
def book_style() -> Iterator[None]:
    """Draw in the book's style, and change nothing outside: `with book_style():`, or as decorator.

    `@book_style()` before a function that draws covers what is added after `figure`, as legends.
    """
    with plt.rc_context(SETTINGS):
        yield


def figure(
    height: float = 3.8, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of the book's width, and its axes row by row.

    height: of the whole figure, in inches. options: of `matplotlib.pyplot.subplots`.
    """
    with book_style():
        drawn, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False, **options)
    return drawn, list(axes.flat)

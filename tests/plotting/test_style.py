"""The book's style: for the drawing alone, and with a colour of its own for each thing."""

import matplotlib.pyplot as plt
import pytest

from mmbook.plotting.style import COLOURS, MARKERS, SETTINGS, WIDTH, book_style, figure


def test_a_figure_has_the_books_width_and_its_axes_row_by_row():
    drawn, axes = figure(3.0, rows=2, columns=3)
    assert tuple(drawn.get_size_inches()) == (WIDTH, 3.0)
    assert [a.get_subplotspec().num1 for a in axes] == list(range(6))
    assert drawn.get_facecolor() == (1, 1, 1, 1)


def test_the_style_ends_with_its_block_and_with_a_decorated_function():
    before = dict(plt.rcParams)

    @book_style()
    def size_inside() -> float:
        return plt.rcParams["font.size"]

    assert [size_inside(), size_inside()] == [SETTINGS["font.size"]] * 2
    with pytest.raises(KeyError), book_style():
        raise KeyError
    assert dict(plt.rcParams) == before


def test_each_colour_and_each_marker_is_given_once():
    assert len(set(COLOURS.values())) == len(COLOURS)
    assert len(set(MARKERS.values())) == len(MARKERS)
    assert set(MARKERS) <= set(COLOURS)

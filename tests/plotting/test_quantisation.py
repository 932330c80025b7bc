"""What the pictures of rounded weights show."""

import pytest

from mmbook.plotting.quantisation import draw_quantisation, plot_bits


def test_the_drawing_shows_both_scales_and_the_codes():
    axes = draw_quantisation()
    words = [text.get_text() for text in axes.texts]
    assert {"one scale", "a scale a row", "scale (1, 1, 1, 1)", "scale (96, 1, 1, 1)"} <= {*words}
    assert words.count("(96, 48, 3, 3)") == 2 and words.count("int8") == 2
    assert len(axes.patches) == 4, "two boxes each"


def test_a_line_shows_the_mean_and_points_the_draws():
    axes = plot_bits({"one": {8: [1.0, 0.8], 3: [0.5, 0.3]}, "rows": {8: [0.9, 0.9]}}, 0.95)
    lines = {line.get_label(): line for line in axes.lines}
    assert list(lines["one"].get_xdata()) == [3, 8]
    assert list(lines["one"].get_ydata()) == pytest.approx([0.4, 0.9])
    assert list(lines["not rounded"].get_ydata()) == [0.95, 0.95]
    assert list(axes.get_xticks()) == [3, 8]


def test_more_ways_than_colours_are_refused():
    with pytest.raises(ValueError, match="at most 3 ways"):
        plot_bits({str(n): {8: [1.0]} for n in range(4)}, 1.0)


@pytest.mark.parametrize(
    "shares", [{}, {"one": {}}, {"one": {8: []}}, {"one": {8: [1.0, float("nan")]}}]
)
def test_shares_that_cannot_be_drawn_are_refused_by_name(shares):
    with pytest.raises(ValueError, match="shares must hold"):
        plot_bits(shares, 1.0)


def test_a_whole_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="whole must be a finite number, not nan"):
        plot_bits({"one": {8: [1.0]}}, float("nan"))

"""What the pictures of the chapter on frameworks show."""

import pytest

from mmbook.plotting.frameworks import draw_fusion_network, plot_ratios


def test_the_drawing_shows_both_senses_and_the_shapes():
    axes = draw_fusion_network()
    words = [text.get_text() for text in axes.texts]
    assert {"picture", "voice", "1 × 28 × 28", "32 × 40", "4 × 32", "2 × 32", "10"} <= {*words}
    assert len(axes.patches) == 4


def test_a_point_is_a_round_and_a_bar_the_median():
    axes = plot_ratios({"a": [1.0, 1.0, 1.0], "b": [4.0, 2.0, 3.0]}, "a")
    points = {line.get_label(): list(line.get_xdata()) for line in axes.lines}
    assert points["b"] == [4.0, 2.0, 3.0]
    assert list(axes.lines[-1].get_xdata()) == [3.0, 3.0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b"]
    assert axes.get_xlabel() == "seconds a step, as a multiple of a's"


@pytest.mark.parametrize("ratios", [{}, {"a": []}, {"a": [1.0, 0.0]}])
def test_what_cannot_be_drawn_is_refused(ratios):
    with pytest.raises(ValueError, match="ratios above 0"):
        plot_ratios(ratios, "a")

"""What is drawn of scarce labels is what was given, and every arrow has its words."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from mmbook.plotting.scarcity import SOURCES, draw_label_sources, plot_gains


def test_each_source_has_a_lane_with_what_goes_along_it() -> None:
    axes = draw_label_sources()
    texts = [text.get_text() for text in axes.texts]
    for there, maker, shape, made, _ in SOURCES:
        assert {there, maker, shape, made} <= set(texts)
    assert sum(isinstance(patch, Rectangle) for patch in axes.patches) == 2 * len(SOURCES) + 2
    inside = axes.get_xlim(), axes.get_ylim()
    for text in axes.texts:
        x, y = text.get_position()
        assert inside[0][0] <= x <= inside[0][1] and inside[1][0] <= y <= inside[1][1]


def test_gains_stand_in_order_and_real_ones_are_filled() -> None:
    ways = {"first": (2.0, 1.0, 3.0, True), "second": (-1.0, -4.0, 2.0, False)}
    axes = plot_gains({"10 labels": ways, "30 labels": ways})
    assert [panel.get_title() for panel in axes] == ["10 labels", "30 labels"]
    assert [text.get_text() for text in axes[0].get_yticklabels()] == ["first", "second"]
    assert axes[0].get_ylim()[0] > axes[0].get_ylim()[1]  # the first at the top
    _, whole, first, open_one, second = axes[0].lines
    assert list(whole.get_xdata()) == [1, 3] and list(open_one.get_xdata()) == [-4, 2]
    assert list(first.get_xdata()) == [2] and list(second.get_xdata()) == [-1]
    assert to_hex(second.get_markerfacecolor()) == "#ffffff" != to_hex(first.get_markerfacecolor())


def test_panels_have_the_same_ways() -> None:
    one = {"a": (0.0, 0.0, 0.0, False)}
    for panels in ({}, {"10": one, "30": {"b": (0.0, 0.0, 0.0, False)}}):
        with pytest.raises(ValueError, match="same ways"):
            plot_gains(panels)

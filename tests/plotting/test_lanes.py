"""What the drawing of a pipeline shows: every step in a box, every shape on its way."""

import pytest

from mmbook.plotting.lanes import draw_lanes


def test_lanes_meet_on_one_line_and_go_down_in_their_order():
    axes = draw_lanes({"image": ["a", "read", "b", "cut", "c"], "text": ["d", "split", "e"]})
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert set("abcde") | {"read", "cut", "split", "image", "text"} <= set(heights)
    assert heights["a"] > heights["read"] > heights["b"] > heights["cut"] > heights["c"]
    assert heights["c"] == heights["e"], "what comes out last stands on one line"
    assert heights["b"] == heights["d"]
    assert len(axes.patches) == 3, "a box a step"


def test_all_lanes_can_meet_in_a_last_step():
    axes = draw_lanes({"image": ["a"], "text": ["b"]}, ["join", "c"])
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert heights["a"] == heights["b"] > heights["join"] > heights["c"]


def test_a_lane_must_say_what_comes_out_of_its_steps():
    with pytest.raises(ValueError, match="'image' ends in a step"):
        draw_lanes({"image": ["a", "read"]})
    with pytest.raises(ValueError, match="a step and what comes out of it, not 1"):
        draw_lanes({"image": ["a"]}, ["join"])

"""What the pictures of faults show: when, and how well each is found."""

import pytest
import torch

from mmbook.plotting.faults import plot_by_fault, plot_truth


def test_a_fault_is_drawn_about_the_middle_of_its_frames():
    frames = torch.zeros(5, 2, dtype=torch.bool)
    frames[3, 1] = True
    axes = plot_truth(torch.zeros(512), frames, ["noise", "clicks"], 8000, 128)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["noise", "clicks"]
    none, one = (lane.get_paths() for lane in axes.collections)
    assert not none
    (bar,) = one
    assert bar.vertices[:, 0].min() == pytest.approx((3 * 128 - 64) / 8000)
    assert bar.vertices[:, 0].max() == pytest.approx((3 * 128 + 64) / 8000)


def test_each_system_has_a_mark_for_each_fault():
    areas = {"one": {"hum": 0.7, "level": 0.5}, "other": {"level": 0.9, "hum": 1.0}}
    axes = plot_by_fault(areas)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "other"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["hum", "level"]
    assert list(axes.lines[0].get_xdata()) == [0.7, 0.5]
    assert list(axes.lines[1].get_xdata()) == [1.0, 0.9]
    assert axes.lines[0].get_marker() != axes.lines[1].get_marker()

"""What the pictures of inspections show: rows, edges and shares."""

import pytest
import torch

from mmbook.plotting.inspection import plot_shares, plot_trace


def test_a_trace_lies_under_its_recording_with_the_truth():
    truth = torch.zeros(10, 2, dtype=torch.bool)
    truth[3:6, 1] = True
    axes = plot_trace(torch.zeros(1280), torch.rand(10, 2), ["hum", "clicks"], 128, truth)
    assert [label.get_text() for label in axes[1].get_yticklabels()] == ["hum", "clicks"]
    assert [line.get_xdata()[0] for line in axes[1].lines] == pytest.approx([3.0, 6.0])
    assert axes[1].get_xlim() == (0, 10)
    assert not plot_trace(torch.zeros(1280), torch.rand(10, 1), ["hum"], 128)[1].lines


def test_a_fault_at_the_edges_begins_and_ends_there():
    truth = torch.ones(10, 1, dtype=torch.bool)
    axes = plot_trace(torch.zeros(1280), torch.rand(10, 1), ["hum"], 128, truth)
    assert [line.get_xdata()[0] for line in axes[1].lines] == pytest.approx([0.0, 10.0])


def test_shares_are_those_of_bins_with_enough_answers():
    said = torch.tensor([0.05] * 20 + [0.95] * 20 + [0.5] * 9)
    there = torch.tensor([False] * 18 + [True] * 22 + [True] * 9)
    panel = plot_shares({"network": (said, there)}, bins=10)
    assert panel.lines[1].get_xdata() == pytest.approx([0.05, 0.95])
    assert panel.lines[1].get_ydata() == pytest.approx([0.1, 1.0])

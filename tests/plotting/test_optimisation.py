"""What the pictures of descent show: lines, labels and places, not pixels."""

import pytest
import torch

from mmbook.plotting.optimisation import (
    draw_step,
    plot_paths,
    plot_range_test,
    plot_singular_values,
)


def test_paths_lie_over_their_landscape():
    path = torch.tensor([[1.0, 1.0], [0.5, 0.2], [0.0, 0.0]])
    bowl = (lambda points: points.square().sum(-1), {"straight": path, "other": path / 2})
    (axes,) = plot_paths({"bowl": bowl}, (-2, 2, -1, 1), target=(0, 0))
    assert axes.get_title() == "bowl" and axes.get_xlim() == (-2, 2)
    assert list(axes.lines[0].get_xdata()) == [1, 0.5, 0]
    assert len(axes.lines) == 3  # two paths and the star
    assert axes.collections  # the contours


def test_a_range_test_stands_above_the_sweep_with_the_same_marks():
    rates = [0.01, 0.1, 1.0]
    test, runs = plot_range_test(
        rates, [2.0, 1.0, 3.0], [2.0, 1.5, 2.0], {"steepest": 0.1}, (rates, torch.rand(3, 4))
    )
    assert test.get_xscale() == "log" and "rate" in runs.get_xlabel()
    assert len(runs.lines) == 4 + 1 + 1
    assert test.lines[-1].get_xdata()[0] == runs.lines[-1].get_xdata()[0] == 0.1


def test_singular_values_are_drawn_before_and_after():
    values = torch.tensor([0.1, 1.0])
    axes = plot_singular_values((values, values), (values, 2 * values))
    assert list(axes.lines[1].get_ydata()) == pytest.approx([0.2, 2])
    assert axes.get_xscale() == "log"


def test_a_step_is_drawn_with_a_size_on_each_arrow():
    axes = draw_step()
    words = {text.get_text() for text in axes.texts}
    assert {"θ: P", "gradient g: P", "change Δ: P", "0, P or 2 P", "rule", "memory"} <= words
    assert len(axes.patches) == 4  # the boxes

"""What the pictures of runs show: lines, labels and places, not pixels."""

import pytest
import torch

from mmbook.plotting.training import (
    draw_loop,
    plot_curves,
    plot_differences,
    plot_fits,
    plot_reliability,
    plot_seeds,
)


def test_curves_have_labels_marks_and_the_axes_asked_for():
    lines = {"one": ([1, 2, 3], [3.0, 2.0, 1.0]), "two": ([1, 3], torch.tensor([2.0, 1.0]))}
    axes = plot_curves(lines, ylabel="height", marks={"here": 2.0}, yscale="log")
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["one", "two", "here"]
    assert axes.get_yscale() == "log" and axes.get_ylabel() == "height"
    assert list(axes.lines[0].get_ydata()) == [3, 2, 1]
    assert axes.lines[2].get_xdata()[0] == 2


def test_fits_stand_side_by_side_with_one_axis_of_losses():
    losses = torch.tensor([2.0, 1.0])
    axes = plot_fits({"small": ([0, 10], losses, losses + 1), "big": ([0, 10], losses, losses)})
    assert [panel.get_title() for panel in axes] == ["small", "big"]
    assert list(axes[0].lines[1].get_ydata()) == [3, 2]
    assert axes[0].get_ylim() == axes[1].get_ylim()


def test_differences_have_a_row_for_each_number_of_seeds():
    rows = plot_differences({1: torch.randn(500), 10: torch.randn(500) / 3}, 0.5, 0.2)
    assert [row.get_title(loc="left") for row in rows] == ["1 seed each", "10 seeds each"]
    assert sum(bar.get_height() for bar in rows[0].patches) == 500
    middles = [bar.get_x() + bar.get_width() / 2 for bar in rows[0].patches]
    assert min(abs(middle) for middle in middles) == pytest.approx(0, abs=1e-9)
    assert [line.get_xdata()[0] for line in rows[1].lines] == [-0.5, 0.5]


def test_seeds_are_dots_and_their_mean_a_diamond():
    axes = plot_seeds({"a": torch.tensor([1.0, 3.0]), "b": torch.tensor([2.0, 2.0])})
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert axes.lines[1].get_xdata()[0] == 2


def test_reliability_of_an_honest_model_lies_on_the_diagonal():
    torch.manual_seed(0)
    confidence = torch.rand(20_000)
    axes = plot_reliability({"honest": (confidence, torch.rand(20_000) < confidence)})
    drawn = axes.lines[1]
    assert list(drawn.get_xdata()) == pytest.approx(list(drawn.get_ydata()), abs=0.05)
    assert len(list(drawn.get_xdata())) == 8


def test_the_loop_has_a_shape_on_every_arrow():
    axes = draw_loop(32, 64, 10, 2410)
    words = [text.get_text() for text in axes.texts]
    for shape in ("32 × 64", "scores: 32 × 10", "1 number", "∂L/∂z: 32 × 10", "∇L: 2,410"):
        assert shape in words
    assert len(axes.patches) == 6


def test_the_interval_of_a_mean_is_that_of_students_t():
    axes = plot_seeds({"a": torch.tensor([0.0, 1.0, 2.0])})
    (left, _), (right, _) = axes.containers[0][2][0].get_segments()[0]
    assert right - left == pytest.approx(2 * 4.303 / 3**0.5, rel=1e-3)

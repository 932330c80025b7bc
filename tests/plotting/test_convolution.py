"""Pictures of convolution: what each panel shows, not its pixels."""

import pytest
import torch

from mmbook.plotting import convolution


def test_curves_have_means_spreads_and_images() -> None:
    values = torch.tensor([[0.9, 0.5], [0.7, 0.5]])
    panel = convolution.draw_curves(
        {"dense": values, "one seed": values[:1]}, [0, 2], "shift", images=torch.rand(2, 4, 4)
    )
    assert panel.get_legend_handles_labels()[1] == ["dense", "one seed"]
    assert list(panel.containers[0].lines[0].get_ydata()) == pytest.approx([0.8, 0.5])
    assert [tick.get_text() for tick in panel.get_xticklabels()] == ["0", "2"]
    assert len(panel.child_axes) == 2 and panel.get_xlabel() == "shift"
    assert not convolution.draw_curves({"dense": values}, [0, 2], "shift").child_axes


def test_each_weight_has_one_colour() -> None:
    places = torch.arange(1, 10).reshape(3, 3)
    kernel, matrix = convolution.draw_banded_matrix(places, torch.zeros(16, 16).long())
    assert kernel.images[0].get_array().shape == (3, 3)  # type: ignore[union-attr]
    assert matrix.get_ylabel() == "pixel that is written"
    colours = {kernel.images[0].to_rgba(float(n), norm=True) for n in range(10)}
    assert len(colours) == 10


def test_a_frame_is_as_large_as_the_receptive_field() -> None:
    (panel,) = convolution.draw_influence({"three layers": torch.rand(11, 11)}, [7])
    (frame,) = panel.patches
    assert frame.get_width() == frame.get_height() == 7 and frame.get_x() == 1.5  # type: ignore[attr-defined]
    assert panel.get_title() == "three layers"


def test_depths_are_on_a_logarithmic_axis() -> None:
    panel = convolution.draw_depth({"plain": [1.0, 0.1], "residual": [1.0, 0.9]}, [2, 4])
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
    assert panel.get_legend_handles_labels()[1] == ["plain", "residual"]


def test_kernels_stand_above_their_maps() -> None:
    axes = convolution.draw_filters_and_maps(
        torch.randn(3, 3, 3), torch.rand(3, 8, 8), torch.rand(3, 4, 4)
    )
    assert len(axes) == 12
    assert [len(panel.images) for panel in axes] == [0, 1, 1, 1] * 3
    assert axes[4].texts[0].get_text() == "first\nmaps"
    low, high = axes[1].images[0].get_clim()
    assert low == -high and axes[5].images[0].get_clim()[0] == 0


def test_the_baseline_is_grey_wherever_it_stands() -> None:
    values = torch.rand(2, 3)
    panel = convolution.draw_curves({"other": values, "dense": values}, [1, 2, 3], "x")
    colours = [container.lines[0].get_color() for container in panel.containers]
    assert colours[1] == convolution.GREY != colours[0]

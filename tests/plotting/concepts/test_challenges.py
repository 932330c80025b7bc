"""The pictures of the small experiments hold what they are given."""

import torch

from mmbook.plotting.concepts.challenges import plot_drawings, plot_similarities


def test_one_square_a_matrix() -> None:
    axes = plot_similarities({"before": torch.eye(10), "after": torch.ones(10, 10)})
    assert [ax.get_title() for ax in axes] == ["before", "after"]
    assert axes[0].get_ylabel() == "picture of"


def test_rows_of_images() -> None:
    axes = plot_drawings({"drawn": torch.zeros(3, 1, 8, 8), "real": torch.ones(3, 1, 8, 8)})
    assert [ax.get_title(loc="left") for ax in axes] == ["drawn", "real"]
    strip = axes[1].images[0].get_array()
    assert strip.shape == (8, 24)
    assert strip.mean() == 1

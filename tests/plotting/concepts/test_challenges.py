"""The pictures of the small experiments hold what they are given."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
import torch

from mmbook.plotting.concepts.challenges import plot_drawings, plot_missing, plot_similarities


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


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


def test_one_dot_a_seed_and_condition() -> None:
    systems = {"plain": torch.tensor([[0.9, 0.4], [0.8, 0.5]]), "dropout": torch.ones(2, 2)}
    ax = plot_missing(["both", "one"], systems, [0.95, 0.85])
    assert [len(line.get_xdata()) for line in ax.lines] == [4, 4]
    # The dots of a condition stand together: seeds first, then the next condition.
    assert list(ax.lines[0].get_ydata()) == pytest.approx([0.9, 0.8, 0.4, 0.5])
    assert ax.get_ylabel() == "accuracy"

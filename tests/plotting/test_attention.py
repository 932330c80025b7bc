"""The pictures of attention: what they draw, and what they write beside it."""

import pytest
import torch

from mmbook.plotting.attention import (
    plot_curves,
    plot_lookups,
    plot_masks,
    plot_norms,
    plot_positions,
    plot_weights,
)


def test_lookups_write_their_answers() -> None:
    weights = {"even": torch.full((4,), 0.25), "hard": torch.eye(4)[2]}
    axes = plot_lookups(torch.arange(4.0), torch.tensor([1.0, 2, 3, 6]), 1.7, weights, "value")
    assert [a.get_title() for a in axes] == [
        "what is stored",
        "even: answer 3.0",
        "hard: answer 3.0",
    ]
    assert all(len(a.patches) == 4 for a in axes[1:]) and axes[0].get_ylabel() == "value"


@pytest.mark.parametrize(("logarithmic", "scales"), [("", "linear"), ("xy", "log")])
def test_curves_are_labelled(logarithmic: str, scales: str) -> None:
    axes = plot_curves([1, 2, 4], {"a": [1, 2, 3], "b": [3, 2, 1]}, "size", "time", logarithmic)
    assert len(axes.lines) == 2 and axes.get_xlabel() == "size" and axes.get_ylabel() == "time"
    assert {axes.get_xscale(), axes.get_yscale()} == {scales}
    legend = axes.get_legend()
    assert legend is not None and [t.get_text() for t in legend.get_texts()] == ["a", "b"]


def test_masks_and_weights_are_images() -> None:
    axes = plot_masks({"causal": torch.ones(3, 3).tril().bool(), "all": torch.ones(2, 3).bool()})
    assert [a.get_title() for a in axes] == ["causal", "all"]
    assert axes[0].images[0].get_array().sum() == 6
    (axes,) = plot_weights({"head": torch.eye(3)}, list("abc"), list("xyz"))
    assert [t.get_text() for t in axes.get_xticklabels()] == ["x", "y", "z"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["a", "b", "c"]


def test_positions_and_norms() -> None:
    table, distance = plot_positions(torch.rand(20, 8), torch.rand(20))
    assert table.images[0].get_array().shape == (8, 20) and len(distance.lines) == 1
    axes = plot_norms({"pre": [1, 2], "post": [1, 1]}, "norm")
    assert axes.get_ylim()[0] == 0 and len(axes.lines) == 2 and axes.get_xlabel() == "block"

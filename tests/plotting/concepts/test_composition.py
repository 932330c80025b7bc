"""The pictures of the general model: what is written in them, and what they refuse."""

from itertools import combinations

import pytest
import torch

from mmbook.plotting.concepts.composition import (
    draw_composition,
    draw_images,
    draw_lattice,
    draw_samples,
)

SENSES = ("image", "audio", "text")
SUBSETS = [frozenset(c) for size in (1, 2, 3) for c in combinations(SENSES, size)]


def words(axes) -> str:
    return "\n".join(text.get_text() for text in axes.texts)


def test_composition_writes_every_shape() -> None:
    inputs = {"image": (2, 1, 28, 28), "text": (2, 6)}
    tokens = {"image": (2, 16, 8), "text": (2, 6, 8)}
    axes = draw_composition(inputs, tokens, fused=(2, 1, 8), output=(2, 10))
    for part in ("image\n2 × 1 × 28 × 28", "2 × 16 × 8", "encode text", "fuse", "2 × 10"):
        assert part in words(axes)


def test_lattice_has_seven_nodes_and_nine_gains() -> None:
    axes = draw_lattice({s: 0.2 * len(s) + 0.3 for s in SUBSETS}, SENSES, "a title")
    assert axes.get_title() == "a title"
    assert len(axes.lines) == 9
    assert len(axes.texts) == 7 + 9
    assert words(axes).count("+20") == 9
    assert "all three\n90 %" in words(axes)


def test_lattice_refuses_missing_subsets() -> None:
    with pytest.raises(ValueError, match=r"\['audio', 'image', 'text'\]"):
        draw_lattice({s: 0.5 for s in SUBSETS[:-1]}, SENSES)


def test_images_are_labelled() -> None:
    axes = draw_images({"real": torch.rand(3, 1, 8, 8), "drawn": torch.rand(3, 8, 8)}, "abc")
    assert len(axes) == 6
    assert [a.get_title() for a in axes[:3]] == ["a", "b", "c"]
    assert [axes[0].get_ylabel(), axes[3].get_ylabel()] == ["real", "drawn"]
    assert all(len(a.images) == 1 for a in axes)


def test_images_refuse_uneven_rows() -> None:
    with pytest.raises(ValueError, match=r"3 columns.*'real': 2"):
        draw_images({"real": torch.rand(2, 8, 8)}, "abc")


def test_samples_stand_in_columns_with_the_word_below() -> None:
    axes = draw_samples(torch.rand(3, 1, 8, 8), torch.rand(3, 10, 4), ["one", "t□o", "□"])
    assert len(axes) == 6
    assert [panel.get_xlabel() for panel in axes[3:]] == ["one", "t□o", "□"]
    assert axes[0].images[0].get_array().shape == (8, 8)
    assert axes[3].images[0].get_array().shape == (4, 10)  # time runs to the right

"""A picture word by word: what is bright, what is dark, what is written above."""

import matplotlib.pyplot as plt
import pytest
import torch

from mmbook.plotting.looking import SHADE, plot_meeting, plot_word_maps


def test_the_largest_cell_stays_bright() -> None:
    maps = torch.tensor([[[0.0, 0.5], [0.25, 0.25]], [[0.0, 0.0], [0.0, 0.0]]])
    axes = plot_word_maps(torch.zeros(3, 8, 8, dtype=torch.uint8), ["red", "star"], maps)
    assert [a.get_title() for a in axes] == ["red", "star"]
    picture, shade = axes[0].images
    assert picture.get_array().shape == (8, 8, 3)
    assert shade.get_alpha() == pytest.approx(SHADE * (1 - 2 * maps[0].numpy()))
    assert shade.get_extent() == list(picture.get_extent())
    assert axes[1].images[1].get_alpha() == pytest.approx(SHADE)  # nothing is looked at


def test_rows_of_pictures() -> None:
    axes = plot_word_maps(torch.rand(3, 4, 8), list("abcde"), torch.rand(5, 2, 4), columns=3)
    assert len(axes) == 5 and len(plt.gcf().axes) == 6
    assert not plt.gcf().axes[-1].axison


def test_each_word_needs_a_map() -> None:
    with pytest.raises(ValueError, match="2 words for 3 maps"):
        plot_word_maps(torch.rand(3, 4, 4), ["a", "b"], torch.rand(3, 2, 2))


def test_every_box_has_its_shape() -> None:
    panel = plot_meeting(64, 96, 32)
    boxes = dict(text.get_text().split("\n") for text in panel.texts if text.get_text())
    assert boxes["keys"] == boxes["values"] == boxes["tokens"] == "(64, 96)"
    assert (boxes["weights"], boxes["found"], boxes["next word"]) == (
        "(L, 64)",
        "(L, 96)",
        "(L, 32)",
    )
    assert len(boxes) == 10

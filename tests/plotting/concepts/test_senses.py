"""What the pictures of the background chapter show: lines, labels and places, not pixels."""

import numpy as np
import pytest
import torch

from mmbook.datasets import load
from mmbook.plotting.concepts.senses import (
    Curve,
    draw_experts,
    plot_accuracy,
    plot_conflict,
    plot_gains,
    plot_images,
    plot_senses,
    plot_timeline,
)
from mmbook.plotting.style import COLOURS

LEVELS = (-10.0, 0.0, 10.0)
SHARES = torch.tensor([[0.2, 0.4, 0.9], [0.4, 0.6, 0.7]])  # two seeds


def labels(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_senses_are_shown_with_their_shapes():
    characters = ["t", "w", "□", ""]
    axes = plot_senses(
        torch.rand(1, 28, 28), torch.rand(6400), torch.rand(32, 40), characters, 8000
    )
    titles = [a.get_title() for a in axes]
    assert titles == ["picture (1, 28, 28)", "waveform (6400,)", "log-mel (32, 40)", "text (4,)"]
    assert axes[1].lines[0].get_xdata()[-1] == pytest.approx(0.8, abs=1e-3)  # seconds
    assert [text.get_text() for text in axes[3].texts] == characters
    assert len(axes[3].patches) == len(characters)


def test_images_stand_in_a_row_with_their_titles():
    axes = plot_images(torch.rand(3, 1, 8, 8), ["1", "2", "3"])
    assert [a.get_title() for a in axes] == ["1", "2", "3"]
    with pytest.raises(ValueError):
        plot_images(torch.rand(2, 1, 8, 8), ["one title"])


def test_the_experts_are_drawn_with_the_shapes_of_their_samples():
    samples = load("digits", split="test", size=1).inputs
    words = {text.get_text() for text in draw_experts().texts}
    for sense in ("image", "audio"):
        shape = ", ".join(map(str, samples[sense].shape[1:]))
        assert f"$(n, {shape})$" in words
    assert {"eye: a network", "ear: a network", "$(n, 10)$", "$(n, 6400)$"} <= words


def test_accuracy_is_a_line_of_means_and_a_sign_for_each_seed():
    axes = plot_accuracy(LEVELS, [Curve("eye", SHARES, "image"), Curve("ear", SHARES, "audio")])
    assert labels(axes) == ["eye", "ear"]
    assert len(axes.lines) == 2 * (1 + len(SHARES))
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [30, 50, 80], rtol=1e-5)
    assert axes.lines[0].get_color() == COLOURS["image"]
    assert "%" in axes.get_ylabel() and "dB" in axes.get_xlabel()


def test_gains_have_a_band_from_the_worst_to_the_best_seed():
    axes = plot_gains(LEVELS, [Curve("over the ear", SHARES - 0.5, "audio")])
    assert labels(axes) == ["over the ear"]
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((-30, 40), abs=1e-4)


def test_conflict_stacks_to_a_hundred_and_marks_levels():
    eye, ear = torch.tensor([0.6, 0.4, 0.1]), torch.tensor([0.1, 0.3, 0.8])
    axes = plot_conflict(LEVELS, eye, ear, {"equally good": -3.0})
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in axes.collections]
    assert tops == pytest.approx([60, 90, 100], abs=1e-4)
    assert labels(axes) == ["equally good"] and axes.lines[0].get_xdata()[0] == -3.0


def test_the_timeline_goes_down_in_order():
    axes = plot_timeline([(1954, "faces"), (2021, "CLIP")])
    assert [text.get_text() for text in axes.texts] == ["1954", "faces", "2021", "CLIP"]
    bottom, top = axes.get_ylim()
    assert bottom > top

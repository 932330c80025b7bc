"""What the pictures of sound show: lines, labels and places, not pixels."""

import numpy as np
import pytest
import torch

from mmbook.plotting.audio import (
    Panel,
    plot_activity,
    plot_batch,
    plot_filters,
    plot_ladder,
    plot_spectra,
    plot_spectrograms,
    plot_waves,
)


def labels(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_waves_lie_over_one_another_with_their_samples():
    waves = {"tone": torch.zeros(80), "alias": torch.ones(80)}
    axes = plot_waves(waves, 8000, (torch.tensor([0.0, 5.0]), torch.zeros(2)))
    assert labels(axes) == ["tone", "alias", "samples"]
    assert axes.lines[0].get_xdata()[-1] == pytest.approx(1000 * 79 / 8000)
    assert axes.lines[2].get_linestyle() == "None"
    assert labels(plot_waves(waves, 8000)) == ["tone", "alias"]


def test_spectra_are_decibels_below_the_highest_power():
    hertz = torch.tensor([0.0, 1000.0, 2000.0])
    axes = plot_spectra({"Hann": torch.tensor([1.0, 100.0, 0.0])}, hertz, marks=[1500], floor=-60)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [-20, 0, -60], atol=1e-5)
    np.testing.assert_allclose(axes.lines[0].get_xdata(), [0, 1, 2])
    assert axes.lines[1].get_xdata()[0] == 1.5
    assert "dB" in axes.get_ylabel() and "kHz" in axes.get_xlabel()


def test_spectrograms_share_the_axis_of_time():
    panels = [Panel("short", torch.rand(11, 5), 0.1, 4.0), Panel("mel", torch.rand(6, 8), 0.2, 8)]
    axes = plot_spectrograms(panels, boxes=[(0.1, 500), (0.2, 250)])
    assert [a.get_title() for a in axes] == ["short", "mel"]
    assert axes[0].images[0].get_extent() == pytest.approx([-0.05, 1.05, 0, 4])
    assert axes[0].get_xlim() == axes[1].get_xlim()
    assert axes[0].patches[0].get_width() == 0.1 and axes[1].patches[0].get_height() == 0.25


def test_powers_are_drawn_as_decibels_down_to_a_reach():
    values = torch.tensor([[1.0, 0.1], [1e-9, 10.0]])
    axes = plot_spectrograms([Panel("power", values, 0.1, 4.0)], reach=40)
    drawn = axes[0].images[0].get_array()
    np.testing.assert_allclose(drawn, [[0, -30], [-10, 10]], atol=1e-5)


def test_every_filter_is_a_line():
    axes = plot_filters(torch.rand(7, 20), 8000)
    assert len(axes.lines) == 7 and axes.lines[0].get_xdata()[-1] == 4


def test_speech_is_shaded_in_both_panels():
    levels = torch.tensor([-60.0, -20.0, -25.0, -60.0])
    axes = plot_activity(torch.zeros(800), 8000, levels, levels > -40, 200, -40)
    for panel in axes:
        shaded = panel.collections[0].get_paths()[0].vertices[:, 0]
        assert (shaded.min(), shaded.max()) == pytest.approx((0.025, 0.05))
    assert axes[1].lines[1].get_ydata()[0] == -40


def test_the_ladder_has_a_bar_for_the_mean_and_a_dot_for_each_fold():
    scores = {"seen": torch.tensor([[0.5, 0.7], [0.9, 0.9]]), "new": torch.full((2, 2), 0.25)}
    axes = plot_ladder(["waveform", "MFCC"], scores, chance=0.1)
    assert labels(axes) == ["seen", "new"]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([60, 90, 25, 25], abs=1e-4)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["waveform", "MFCC"]
    dots = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert len(dots) == 4
    bottom, top = axes.get_ylim()
    assert bottom > top  # the first rung is on top


def test_padding_of_a_batch_is_not_drawn():
    mask = torch.tensor([[True, True, False], [True, True, True]])
    axes = plot_batch(torch.rand(2, 3, 4), mask, ["one", "two"], 0.025)
    assert [panel.get_ylabel() for panel in axes] == ["one", "two"]
    assert np.ma.getmaskarray(axes[0].images[0].get_array()).sum() == 4
    assert not np.ma.getmaskarray(axes[1].images[0].get_array()).any()
    assert axes[1].get_xlim()[1] == pytest.approx(0.075)

"""What the pictures of the chapter on pictures show: titles, bars and numbers, not pixels."""

import numpy as np
import pytest
import torch

from mmbook.plotting.images import plot_gallery, plot_mask, plot_reads, plot_table


def test_a_gallery_shows_arrays_and_tensors_in_rows():
    images = [
        np.zeros((4, 6, 3), np.uint8),
        np.zeros((4, 6), np.uint8),
        torch.full((3, 5, 5), 1.4),
        torch.zeros(1, 5, 5),
    ]
    axes = plot_gallery(images, ["a", "b", "c", "d"])
    assert [panel.get_title() for panel in axes] == ["a", "b", "c", "d"]
    shown = [panel.images[0].get_array() for panel in axes]
    assert [image.shape for image in shown] == [(4, 6, 3), (4, 6), (5, 5, 3), (5, 5)]
    assert shown[2].max() == 1, "what is brighter than white is white"
    assert len(axes[0].figure.axes) == 6


def test_what_is_read_is_a_bar_for_each_weight():
    weights = torch.tensor([[0.5, 0.5, 0, 0], [0, 0, 0.25, 0.75]])
    panel = plot_reads({"one": weights, "two": weights})
    assert [text.get_text() for text in panel.texts] == ["one", "two"]
    heights = [bar.get_height() for bars in panel.containers for bar in bars]
    assert heights[:4] == pytest.approx([0.8 * 0.5 / 0.75, 0.8 * 0.5 / 0.75, 0, 0])
    assert len(panel.containers) == 4


def test_a_table_says_its_numbers():
    panel = plot_table(torch.tensor([[0.0, 0.5, 1.0]]), ["row"], ["a", "b", "c"], "down", "across")
    assert [text.get_text() for text in panel.texts] == ["0 %", "50 %", "100 %"]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["a", "b", "c"]
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("across", "down")


def test_a_mask_marks_the_patches_that_hold_image():
    mask = np.zeros((8, 8), bool)
    mask[2:5] = True
    _, right = plot_mask(np.zeros((8, 8, 3), np.uint8), mask, 4)
    assert [text.get_text() for text in right.texts] == ["0", "1", "2", "3"]
    mask[4:] = False
    _, right = plot_mask(torch.zeros(3, 8, 8), mask, 4)
    assert [text.get_text() for text in right.texts] == ["0", "1", "–", "–"]

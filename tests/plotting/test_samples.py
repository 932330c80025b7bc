import pytest
import torch

from mmbook.plotting.samples import plot_images, plot_waveforms


@pytest.mark.parametrize("images", [torch.rand(3, 1, 4, 5), torch.ones(3, 3, 4, 5).byte()])
def test_each_image_has_its_axes(images):
    axes = plot_images(images, ["a", "b", "c"])
    assert [ax.get_title() for ax in axes] == ["a", "b", "c"]
    assert [ax.images[0].get_array().shape[:2] for ax in axes] == [(4, 5)] * 3


def test_sounds_are_drawn_without_their_padding():
    axes = plot_waveforms(torch.rand(2, 100), torch.tensor([100, 40]), 50, ["long", "short"])
    assert [len(ax.lines[0].get_xdata()) for ax in axes] == [100, 40]
    assert axes[1].lines[0].get_xdata()[-1] == pytest.approx(39 / 50)
    assert axes[0].get_xlabel() == "seconds"


def test_titles_must_fit():
    with pytest.raises(ValueError, match="3 pictures need as many titles, got 1"):
        plot_images(torch.rand(3, 1, 4, 4), ["a"])
    with pytest.raises(ValueError, match="2 sounds need as many"):
        plot_waveforms(torch.rand(2, 10), [10], 50, ["a", "b"])

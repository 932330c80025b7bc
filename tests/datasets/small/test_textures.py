"""Squares of surfaces: their shapes, that they repeat, and that no pixel is in both splits."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from mmbook.datasets.small.textures import SURFACES, draw_textures


@given(st.sampled_from(["train", "test"]), st.integers(1, 20), st.integers(1, 256))
@settings(max_examples=15, deadline=None)
def test_squares_are_cut_from_the_half_of_their_split(split, size, side):
    samples = draw_textures(split, size, side=side, seed=size)
    images = samples.inputs["image"]
    assert images.shape == (size, 1, side, side) and samples.target.shape == (size,)
    assert images.equal(draw_textures(split, size, side=side, seed=size).inputs["image"])
    if side < 16:
        return
    half = slice(0, 256) if split == "train" else slice(256, 512)
    for image, surface in zip(images[:3], samples.target[:3], strict=True):
        photograph = torch.from_numpy(getattr(data, SURFACES[surface])())[:, half] / 255.0
        first = photograph.unfold(0, side, 1).unfold(1, side, 1)[..., 0, :]
        assert (first == image[0, 0]).all(-1).any()


@pytest.mark.parametrize(
    ("split", "size", "side"), [("all", 5, 64), ("train", 0, 64), ("test", 5, 257)]
)
def test_other_draws_are_refused(split, size, side):
    with pytest.raises(ValueError, match="split must be one of"):
        draw_textures(split, size, side=side)

"""What a discriminator reads of an image, and of how the images of a group differ."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.encoders import DiscriminatorEncoder, MinibatchDeviation


@settings(max_examples=20)
@given(st.integers(1, 3), st.integers(2, 4), st.integers(1, 3), st.integers(0, 10_000))
def test_deviation_is_that_of_each_group(groups, group, channels, seed):
    torch.manual_seed(seed)
    maps = torch.randn(groups * group, channels, 2, 3, dtype=torch.float64)
    found = MinibatchDeviation(group)(maps)
    assert found.shape == (groups * group, channels + 1, 2, 3)
    assert found[:, :-1].equal(maps)
    for number in range(groups):
        rows = slice(number * group, (number + 1) * group)
        deviations = [
            maps[rows, c, y, x].std(unbiased=False)
            for c in range(channels)
            for y in range(2)
            for x in range(3)
        ]
        expected = torch.stack(deviations).mean().expand(group, 2, 3)
        torch.testing.assert_close(found[rows, -1], expected, atol=1e-6, rtol=1e-6)


def test_the_same_image_again_and_again_has_no_deviation_but_a_gradient():
    maps = torch.ones(4, 2, 3, 3, requires_grad=True)
    found = MinibatchDeviation(4)(maps)
    assert found[:, -1].max() < 1e-3
    found.sum().backward()
    assert maps.grad.isfinite().all()


@settings(max_examples=10)
@given(st.integers(1, 16), st.sampled_from([0, 2]), st.integers(1, 5))
def test_an_image_becomes_one_token(half, group, width):
    encoder = DiscriminatorEncoder(2 * half + 2, width, channels=2, group=group)
    tokens = encoder(torch.randn(4, 1, 2 * half + 2, 2 * half + 2))
    assert tokens.values.shape == (4, 1, width) and tokens.mask.all()


def test_only_images_of_a_group_are_compared():
    images = torch.randn(6, 1, 8, 8)
    other = torch.cat([images[:1], torch.randn(1, 1, 8, 8), images[2:]])
    for group, touched in ((0, [1]), (2, [0, 1]), (3, [0, 1, 2])):
        encoder = DiscriminatorEncoder(8, 5, channels=2, group=group)
        changed = (encoder(images).values - encoder(other).values).abs().amax((1, 2)) > 1e-6
        assert changed.nonzero().flatten().tolist() == touched


def test_every_weight_learns():
    encoder = DiscriminatorEncoder(8, 5, channels=2, group=2)
    encoder(torch.randn(4, 1, 8, 8)).values.square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in encoder.parameters())


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 samples or more to differ, not 1"):
        MinibatchDeviation(1)
    with pytest.raises(ValueError, match="6 samples are no whole groups of 4"):
        DiscriminatorEncoder(8)(torch.zeros(6, 1, 8, 8))
    with pytest.raises(ValueError, match="even number of pixels, not 7"):
        DiscriminatorEncoder(7)
    for shape in ((4, 1, 10, 8), (4, 3, 8, 8), (4, 8, 8)):
        with pytest.raises(ValueError, match=r"must be \(batch, 1, 8, 8\)"):
            DiscriminatorEncoder(8)(torch.zeros(shape))

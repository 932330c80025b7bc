"""Images as sequences of squares, there and back."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.images.patches import from_patches, to_patches
from mmbook.preprocessing.images.transforms import ImageError


@given(
    st.integers(0, 3),
    st.sampled_from([1, 3]),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 6),
)
def test_there_and_back(n, channels, down, across, size):
    shape = (n, channels, down * size, across * size)
    images = torch.arange(float(torch.tensor(shape).prod())).reshape(shape)
    patches = to_patches(images, size)
    assert patches.shape == (n, down * across, channels * size**2)
    assert from_patches(patches, *shape[1:]).equal(images)


def test_agrees_with_unfold():
    images = torch.rand(2, 3, 8, 12)
    assert to_patches(images, 4).equal(F.unfold(images, 4, stride=4).mT)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ImageError, match="patches of 3 do not fill images of 8 x 9"):
        to_patches(torch.zeros(1, 1, 8, 9), 3)
    for patches, shape in (((1, 4, 5), (1, 4, 4)), ((1, 3, 4), (1, 4, 4)), ((1, 4, 4), (1, 2, 8))):
        if shape == (1, 2, 8):
            assert from_patches(torch.zeros(patches), *shape).shape == (1, *shape)
            continue
        with pytest.raises(ImageError, match="do not make"):
            from_patches(torch.zeros(patches), *shape)

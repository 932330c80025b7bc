"""Fingerprints: what changes them, what does not, and which images they bring together."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.images.colour import to_grey
from mmbook.preprocessing.images.near_duplicates import (
    hamming_distance,
    near_duplicates,
    perceptual_hash,
)
from mmbook.preprocessing.images.transforms import ImageError


def photographs(n, size=64, seed=0):
    """Smooth random images, (n, 3, size, size) uint8."""
    coarse = np.random.RandomState(seed).rand(n, 9, 9, 3).astype(np.float32)
    grown = [cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC) for image in coarse]
    return torch.from_numpy((np.stack(grown).clip(0, 1) * 255).astype(np.uint8)).movedim(-1, 1)


def compressed(image):
    pixels = np.ascontiguousarray(image.movedim(0, -1))
    content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return torch.from_numpy(cv2.imdecode(content, cv2.IMREAD_COLOR)).movedim(-1, 0)


def test_small_changes_change_few_bits_and_other_images_many():
    images = photographs(20)
    changed = {
        "smaller": images[..., ::2, ::2],
        "darker": (images * 0.6).byte(),
        "grey": to_grey(images.float()).byte(),
        "compressed": torch.stack([compressed(image) for image in images]),
    }
    hashes = perceptual_hash(images)
    assert hashes.shape == (20, 63) and hashes.dtype == torch.bool
    for name, other in changed.items():
        distances = hamming_distance(hashes, perceptual_hash(other))
        assert distances.diagonal().max() <= 8, name
        apart = distances[~torch.eye(20, dtype=torch.bool)]
        assert apart.min() > 10, name


@given(st.integers(0, 6), st.integers(0, 6), st.integers(1, 70))
def test_distance_counts_different_bits(n, m, bits):
    generator = torch.Generator().manual_seed(n + 10 * m)
    first = torch.rand(n, bits, generator=generator) < 0.5
    second = torch.rand(m, bits, generator=generator) < 0.5
    expected = (first[:, None] ^ second).sum(-1)
    assert hamming_distance(first, second).equal(expected)


@given(st.integers(0, 30), st.integers(0, 8))
@settings(deadline=None)
def test_groups_are_the_connected_parts(n, most):
    hashes = torch.rand(n, 16, generator=torch.Generator().manual_seed(n)) < 0.3
    groups = near_duplicates(hashes, most)
    places = [place for group in groups for place in group]
    assert len(places) == len(set(places)) and all(len(group) > 1 for group in groups)
    group_of = {place: number for number, group in enumerate(groups) for place in group}
    for a in range(n):
        near = [b for b in range(n) if b != a and (hashes[a] ^ hashes[b]).sum() <= most]
        assert {group_of[b] for b in near} == ({group_of[a]} if near else set())


def test_chains_are_one_group():
    bits = torch.zeros(4, 64, dtype=torch.bool)
    bits[1, :5] = bits[2, :10] = True
    bits[3] = True
    assert near_duplicates(bits, 5) == [[0, 1, 2]]
    assert near_duplicates(bits, 4) == []


SHADES = st.integers(0, 255)


@given(SHADES, SHADES, st.integers(1, 90), st.integers(1, 90))
@settings(deadline=None)
def test_images_of_one_shade_are_equal(first, second, height, width):
    for shade in (first, second):
        bytes_ = torch.full((1, 3, height, width), shade, dtype=torch.uint8)
        for image in (bytes_, bytes_ / 255, bytes_.float(), bytes_.double() / 255):
            assert not perceptual_hash(image).any()


def test_images_of_almost_one_shade_are_equal():
    for shade in (0.0, 0.1, 0.5, 1.0):
        image = torch.full((1, 1, 64, 64), shade)
        rounded = image + 1e-6 * torch.randn(image.shape, generator=torch.manual_seed(0))
        assert not perceptual_hash(rounded).any()
        image[0, 0, 20, 30] += 1 / 255 if shade < 0.6 else -1 / 255  # one level of one pixel
        assert not perceptual_hash(image).any()


@pytest.mark.parametrize("size", [32, 64, 200])
def test_the_last_bit_of_every_pixel_is_no_image(size):
    for shade in (1, 100, 254):
        noise = torch.randint(-1, 2, (4, 3, size, size), generator=torch.manual_seed(0))
        assert not perceptual_hash((shade + noise).byte()).any()


def test_waves_that_are_not_in_a_image_are_not_compared():
    ramp = torch.linspace(1, 0, 64).expand(1, 1, 64, 64)
    for image in (ramp, ramp.mT):
        found = perceptual_hash(image)
        assert found.sum() == 4  # of one axis, those with an odd number of half waves
        for brighter in (0.5 * image, 0.5 * image + 0.25, image.repeat(1, 3, 1, 1)):
            assert perceptual_hash(brighter).equal(found)


def test_bytes_and_numbers_of_one_image_are_equal():
    images = photographs(20)
    hashes = perceptual_hash(images)
    assert perceptual_hash(images / 255).equal(hashes)
    assert perceptual_hash(images.double() / 255).equal(hashes)


def test_images_and_hashes_of_another_kind_are_refused():
    with pytest.raises(ImageError, match="NaN"):
        perceptual_hash(torch.full((1, 1, 8, 8), torch.nan))
    hashes = torch.zeros(3, 63, dtype=torch.bool)
    for wrong in (hashes.int(), hashes[0], hashes[:, :60]):
        with pytest.raises(ImageError, match="boolean"):
            hamming_distance(hashes, wrong)


@pytest.mark.parametrize("most", [-1, float("nan"), None])
def test_a_difference_of_no_bits_is_refused(most):
    with pytest.raises(ImageError, match=r"^most must be a finite number of at least 0"):
        near_duplicates(torch.ones(2, 8, dtype=torch.bool), most)

"""Brightness, light, and the two thin wrappers over OpenCV."""

import math

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.images.colour import (
    clahe,
    denoise,
    linear_to_srgb,
    srgb_to_linear,
    to_grey,
)
from mmbook.preprocessing.images.transforms import ImageError

SIDES = st.integers(8, 40)


def image(height, width, colour=True, seed=0):
    shape = (height, width, 3) if colour else (height, width)
    return np.random.RandomState(seed).randint(0, 256, shape).astype(np.uint8)


@given(st.integers(1, 9), st.integers(1, 9))
def test_grey_is_what_opencv_calls_grey(height, width):
    colour = image(height, width)
    expected = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    found = to_grey(torch.from_numpy(colour).movedim(-1, 0)[None].float())
    assert found.shape == (1, 1, height, width)
    assert np.abs(found[0, 0].numpy() - expected).max() < 0.51  # OpenCV rounds
    assert to_grey(found) is found


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_light_and_back(values):
    stored = torch.tensor(values)
    light = srgb_to_linear(stored)
    assert (light <= stored + 1e-6).all() and (light >= 0).all()
    torch.testing.assert_close(linear_to_srgb(light), stored, atol=2e-6, rtol=0)


def test_known_amounts_of_light():
    torch.testing.assert_close(
        srgb_to_linear(torch.tensor([0.0, 0.5, 1.0])),
        torch.tensor([0.0, 0.2140, 1.0]),
        atol=1e-4,
        rtol=0,
    )
    half = linear_to_srgb(torch.tensor(0.5)) * 255  # a checkerboard seen from afar
    assert float(half) == pytest.approx(188, abs=0.5)


@given(SIDES, SIDES, st.booleans())
@settings(max_examples=10, deadline=None)
def test_what_opencv_does_keeps_shape_and_type(height, width, colour):
    before = image(height, width, colour)
    for change in (clahe, denoise):
        after = change(before)
        assert after.shape == before.shape and after.dtype == np.uint8


def test_equalising_spreads_brightness_and_keeps_grey_grey():
    dull = (image(64, 64, colour=False) // 8 + 100).astype(np.uint8)
    spread = clahe(dull)
    assert spread.std() > 1.5 * dull.std()
    three = clahe(np.stack([dull] * 3, axis=-1)).astype(int)
    assert np.abs(three - three[..., :1]).max() <= 2


def test_denoising_comes_closer_to_the_clean_image():
    clean = np.kron(np.array([[60, 180], [180, 60]]), np.ones((24, 24))).astype(np.uint8)
    noise = np.random.RandomState(0).randn(*clean.shape) * 15
    noisy = (clean + noise).clip(0, 255).astype(np.uint8)

    def error(image):
        return np.sqrt(((image.astype(float) - clean) ** 2).mean())

    assert error(denoise(noisy, 30)) < 0.5 * error(noisy)


@pytest.mark.parametrize("change", [srgb_to_linear, linear_to_srgb])
@pytest.mark.parametrize("value", [200.0, 1.1, -0.1, float("nan")])
def test_values_beyond_white_are_refused(change, value):
    with pytest.raises(ImageError, match="between 0 and 1"):
        change(torch.tensor([0.5, value]))


@pytest.mark.parametrize("kind", [torch.uint8, torch.int64])
def test_bytes_have_no_brightness(kind):
    with pytest.raises(ImageError, match="use to_tensor"):
        to_grey(torch.full((1, 3, 4, 4), 200).to(kind))


@pytest.mark.parametrize("shape", [(5,), (1, 4, 4, 3), (4, 4, 1), (4, 4, 2)])
def test_images_of_another_shape_are_refused(shape):
    for change in (clahe, denoise):
        with pytest.raises(ImageError, match="height, width"):
            change(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    "options", [{"tiles": 0}, {"limit": 0.0}, {"limit": math.nan}, {"limit": math.inf}]
)
def test_no_parts_and_no_limit_are_refused(options):
    with pytest.raises(ImageError, match="tiles must be at least 1"):
        clahe(np.zeros((8, 8), np.uint8), **options)


@pytest.mark.parametrize(
    "bad", [np.zeros((4, 4)), np.zeros((0, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)]
)
def test_other_images_are_refused(bad):
    for change in (clahe, denoise):
        with pytest.raises(ImageError, match=r"uint8|height, width"):
            change(bad)


@pytest.mark.parametrize("strength", [math.nan, math.inf, -1.0, None])
def test_a_strength_that_is_none_is_refused(strength):
    for shape in ((8, 8), (8, 8, 3)):
        with pytest.raises(ImageError, match=r"^strength must be a finite number of at least 0"):
            denoise(np.zeros(shape, np.uint8), strength)

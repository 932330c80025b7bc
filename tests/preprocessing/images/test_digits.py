"""Pictures of one thing, whatever their size, colours and place, in the form of MNIST's."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmbook.preprocessing.images.digits import (
    BOX,
    SIDE,
    centre_digit,
    contrast,
    find_ink,
    fit_garment,
)
from mmbook.preprocessing.images.transforms import ImageError


def drawn(
    side: int = 200, ink: tuple[int, ...] = (0, 0, 0), paper: tuple[int, ...] = (255, 255, 255)
) -> NDArray[np.uint8]:
    """A 7 in the upper left of a sheet, (side, side, 3)."""
    sheet = np.zeros((800, 800), np.uint8)
    cv2.polylines(
        sheet, [np.array([[100, 120], [350, 120], [220, 500]])], False, 255, 40, cv2.LINE_AA
    )
    share = cv2.resize(sheet, (side, side), interpolation=cv2.INTER_AREA)[..., None] / 255
    return (share * np.array(ink) + (1 - share) * np.array(paper)).round().astype(np.uint8)


def middle(image: NDArray) -> tuple[float, float]:
    """The centre of mass, in pixels."""
    places = np.arange(SIDE)
    return (
        float((image.sum(1) * places).sum() / image.sum()),
        float((image.sum(0) * places).sum() / image.sum()),
    )


def box(image: NDArray) -> tuple[int, int]:
    """Height and width of what is not black."""
    rows, columns = (np.flatnonzero((image > 0).any(axis=axis)) for axis in (1, 0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


def test_a_digit_fits_the_box_with_its_mass_at_the_middle() -> None:
    image = centre_digit(drawn())
    assert image.shape == (28, 28) and image.dtype == np.float32
    assert image.min() >= 0 and image.max() == 1
    assert max(box(image)) == BOX
    assert all(abs(place - 14) <= 0.51 for place in middle(image))


@settings(max_examples=20, deadline=None)
@given(
    side=st.integers(60, 400),
    ink=st.tuples(*[st.integers(0, 255)] * 3),
    paper=st.tuples(*[st.integers(0, 255)] * 3),
    margin=st.integers(0, 200),
)
def test_size_colours_and_place_do_not_matter(side, ink, paper, margin) -> None:
    if max(abs(a - b) for a, b in zip(ink, paper, strict=True)) < 40:
        return
    sheet = cv2.copyMakeBorder(
        drawn(side, ink, paper), margin, 0, 0, margin // 2, cv2.BORDER_CONSTANT, value=paper
    )
    assert np.abs(centre_digit(sheet) - centre_digit(drawn())).mean() < 0.05


def test_an_image_in_the_form_of_mnist_stays_as_it_is() -> None:
    once = centre_digit(drawn())
    grey = (once * 255).round().astype(np.uint8)
    again = centre_digit(np.repeat(grey[..., None], 3, axis=2))
    assert np.abs(again - once).max() < 0.1  # what is grey comes out a little lighter


def test_red_on_green_of_the_same_brightness_is_seen() -> None:
    red, green = (200, 60, 60), (60, 131, 60)  # both have the luma 102
    assert np.abs(contrast(drawn(200, red, green)).max() - 140 / 255) < 0.01


def test_dust_and_noise_do_not_move_the_digit() -> None:
    clean = centre_digit(drawn())
    dirty = drawn().copy()
    dirty[190:193, 190:193] = 0
    assert np.abs(centre_digit(dirty) - clean).mean() < 0.01
    noise = np.random.default_rng(0).normal(0, 12, dirty.shape)
    noisy = (drawn() * 0.8 + 20 + noise).clip(0, 255).astype(np.uint8)
    assert np.abs(centre_digit(noisy) - clean).mean() < 0.03


def test_two_large_pieces_are_both_kept() -> None:
    sheet = np.full((100, 100, 3), 255, np.uint8)
    sheet[20:30, 30:70] = sheet[50:80, 30:70] = 0
    assert box(centre_digit(sheet)) == (20, 13)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_image_is_refused(value: int) -> None:
    with pytest.raises(ImageError, match="nothing stands out from the background"):
        centre_digit(np.full((30, 40, 3), value, np.uint8))
    with pytest.raises(ImageError, match="nothing stands out"):
        find_ink(np.full((1, 1, 3), value, np.uint8))


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_any_pixels_become_an_image_or_are_refused(rows, columns, seed) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (rows, columns, 3), np.uint8)
    try:
        image = centre_digit(pixels)
    except ImageError:
        return
    assert image.shape == (28, 28) and np.isfinite(image).all() and image.max() <= 1


def test_a_garment_fills_the_frame_and_keeps_its_shades() -> None:
    photo = np.full((300, 200, 3), 255, np.uint8)
    photo[50:250, 60:140] = 55  # dark, so it becomes light: 200 of 255
    photo[100:150, 60:140] = 155
    image = fit_garment(photo)
    assert image.shape == (28, 28) and box(image) == (28, 11)
    assert image[2, 14] == pytest.approx(200 / 255, abs=0.01)
    assert image[10, 14] == pytest.approx(100 / 255, abs=0.01)

"""From strokes to MNIST's images, against OpenCV's lines and what must not change an image."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.live.drawing import (
    BOX,
    FIELD,
    PEN,
    centre_of_mass,
    example_digits,
    image_of,
    ink,
    segments,
    smooth,
)

DIGITS = example_digits()
POINTS = st.lists(
    st.tuples(st.floats(0, 1, width=16), st.floats(0, 1, width=16)), min_size=1, max_size=8
)
DRAWINGS = st.lists(POINTS, min_size=1, max_size=4)


@given(drawing=DRAWINGS)
def test_any_drawing_becomes_an_image(drawing: list) -> None:
    image = image_of(drawing)
    assert image.shape == (FIELD, FIELD) and image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1 and image.sum() > 1


@given(drawing=DRAWINGS, zoom=st.floats(1, 4), x=st.floats(-3, 3), y=st.floats(-3, 3))
def test_neither_place_nor_size_matters(drawing: list, zoom: float, x: float, y: float) -> None:
    extent = np.ptp(np.concatenate([np.array(stroke) for stroke in drawing]), axis=0).max()
    changed = [[(zoom * a + x, zoom * b + y) for a, b in stroke] for stroke in drawing]
    if extent >= 0.1:
        assert np.abs(image_of(changed) - image_of(drawing)).max() < 1e-4


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_fills_the_box_and_its_mass_is_in_the_middle(digit: str) -> None:
    image = image_of(DIGITS[digit])
    assert np.abs(centre_of_mass(image.astype(float)) - FIELD / 2).max() < 0.1
    inked = np.argwhere(image > 0.5)
    assert abs(np.ptp(inked, axis=0).max() + 1 - BOX) <= 1


def test_a_small_mark_is_not_blown_up() -> None:
    dot, mark = image_of([[(0.3, 0.8)]]), image_of([[(0.3, 0.8), (0.302, 0.8)]])
    assert dot.sum() == pytest.approx(np.pi * PEN**2, rel=0.1)
    assert dot[13:15, 13:15].min() > 0.9 and mark.sum() < 1.2 * dot.sum()


@pytest.mark.parametrize("digit", DIGITS)
def test_ink_is_what_opencv_draws_sixteen_times_finer(digit: str) -> None:
    lines = segments(DIGITS[digit]) * 20 + 4
    fine, bits = 16, 6
    canvas = np.zeros((FIELD * fine, FIELD * fine), np.uint8)
    for start, end in np.rint((lines * fine - 0.5) * 2**bits).astype(int).tolist():
        cv2.line(canvas, start, end, 255, int(2 * PEN * fine), cv2.LINE_8, bits)
    covered = cv2.resize(canvas, (FIELD, FIELD), interpolation=cv2.INTER_AREA) / 255
    apart = np.abs(ink(lines) - covered)
    assert apart.mean() < 0.005
    assert (apart > 0.15).sum() <= 4 and apart.max() < 0.4  # inside sharp corners


def test_a_smooth_curve_goes_through_its_points() -> None:
    points = np.array([[0, 0], [1, 2], [3, 1], [4, 4]], float)
    assert np.allclose(smooth(points, 5)[::5], points)
    assert np.allclose(smooth(points[:2], 2), [[0, 0], [0.5, 1], [1, 2]])


@pytest.mark.parametrize(
    "drawing", [[], [[]], [[[0.5]]], [[0.1, 0.2]], [[[0.1, float("nan")]]], [[[1.0, 2.0, 3.0]]]]
)
def test_what_is_no_drawing_is_refused(drawing: list) -> None:
    with pytest.raises(ValueError, match="a drawing needs strokes of points"):
        image_of(drawing)

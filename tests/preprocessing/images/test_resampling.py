"""Resizing as a matrix: its rows, and that it is what OpenCV and torch do."""

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.images.resampling import KERNELS, resample, resize_matrices
from mmbook.preprocessing.images.transforms import ImageError

SIDES = st.integers(1, 40)
METHODS = st.sampled_from(list(KERNELS))
OPENCV = {
    "nearest": cv2.INTER_NEAREST_EXACT,
    "bilinear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
}


def images(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def matrix(source, target, method, start=0.0, length=None):
    length = source if length is None else length
    starts, lengths = torch.tensor([float(start)]), torch.tensor([float(length)])
    return resize_matrices(source, target, method, starts, lengths)[0].double()


@given(SIDES, SIDES, METHODS)
def test_every_new_pixel_is_a_mean_of_old_ones(source, target, method):
    weights = matrix(source, target, method)
    assert weights.shape == (target, source) and (weights >= 0).all()
    torch.testing.assert_close(weights.sum(1), torch.ones(target).double())


@given(SIDES, METHODS)
def test_the_same_size_changes_nothing(side, method):
    assert matrix(side, side, method).equal(torch.eye(side).double())


@given(SIDES, SIDES, METHODS)
def test_a_negative_length_reads_backwards(source, target, method):
    forward, backward = (
        matrix(source, target, method),
        matrix(source, target, method, source, -source),
    )
    if method != "nearest":  # half way between two pixels, nearest takes the later one
        torch.testing.assert_close(backward, forward.flip(0))
    assert backward.shape == forward.shape


def test_a_quarter_reads_one_two_or_four_pixels_or_more():
    reads = {name: int((matrix(16, 4, name)[1] > 0).sum()) for name in KERNELS}
    assert reads == {"nearest": 1, "bilinear": 2, "area": 4, "antialias": 8}


def test_a_stretch_of_the_line_is_a_crop_that_is_resized():
    line = images(1, 1, 1, 20)
    for method in KERNELS:
        crop = matrix(20, 4, method, 6, 8) @ line[0, 0, 0].double()
        torch.testing.assert_close(
            crop.float(), resample(line[..., 6:14], 1, 4, method)[0, 0, 0], atol=0.2, rtol=0
        )
    torch.testing.assert_close(
        matrix(20, 4, "area", 6, 8) @ line[0, 0, 0].double(),
        line[0, 0, 0, 6:14].double().reshape(4, 2).mean(1),
    )


def _halfway(source, target):
    return any((2 * new + 1) * source % (2 * target) == 0 for new in range(target))


@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from(list(OPENCV)))
@settings(deadline=None)
def test_agrees_with_opencv(rows, columns, height, width, method):
    if method == "area":  # what OpenCV calls area is something else where an image grows
        height, width = min(height, rows), min(width, columns)
    if method == "nearest":  # half way between two pixels OpenCV takes either
        assume(not _halfway(rows, height) and not _halfway(columns, width))
    batch = images(2, 3, rows, columns)
    expected = [
        cv2.resize(
            np.ascontiguousarray(image.movedim(0, -1)),
            (width, height),
            interpolation=OPENCV[method],
        )
        for image in batch
    ]
    found = resample(batch, height, width, method).movedim(1, -1)
    np.testing.assert_allclose(found, np.stack(expected), atol=2e-6)


@given(SIDES, SIDES, SIDES, SIDES)
@settings(deadline=None)
def test_agrees_with_torch(rows, columns, height, width):
    batch = images(2, 1, rows, columns)
    for antialias, method in ((True, "antialias"), (False, "bilinear")):
        expected = F.interpolate(batch, (height, width), mode="bilinear", antialias=antialias)
        torch.testing.assert_close(
            resample(batch, height, width, method), expected, atol=5e-6, rtol=1e-5
        )


def test_bad_input_is_refused():
    with pytest.raises(ImageError, match="nearest, bilinear, area, antialias"):
        resample(images(1, 1, 4, 4), 2, 2, "lanczos")
    with pytest.raises(ImageError, match="at least 1"):
        resample(images(1, 1, 4, 4), 0, 2)
    with pytest.raises(ImageError, match="channels"):
        resample(images(1, 4, 4), 2, 2)

import re

import cv2
import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from mmbook.preprocessing.images.transforms import (
    FITS,
    ImageError,
    add_noise,
    blur,
    centre_crop,
    check_images,
    letterbox,
    resize,
    resize_image,
    stretch,
    to_tensor,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@given(st.integers(1, 4), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_resize_keeps_number_type_and_range(n, height, width, size, colour):
    shape = (n, height, width, 3) if colour else (n, height, width)
    assume(colour or width == height or width not in (1, 3, 4))  # those look like one image
    pixels = np.random.RandomState(0).randint(0, 256, shape).astype(np.uint8)
    assert resize(pixels, size).shape == (n, size, size, *shape[3:])
    assert resize(pixels, size).dtype == np.uint8
    real = resize((pixels / 255).astype(np.float32), size)
    assert real.dtype == np.float32
    assert real.min() >= 0
    assert real.max() <= 1


def test_resize_averages_when_it_shrinks():
    pixels = np.arange(16, dtype=np.float32).reshape(1, 4, 4) / 16
    blocks = pixels.reshape(1, 2, 2, 2, 2).mean((2, 4))
    np.testing.assert_allclose(resize(pixels, 2), blocks, atol=1e-6)


SIDES = st.integers(1, 40)


def image(height, width, colour=True, dtype=np.uint8, seed=0):
    shape = (height, width, 3) if colour else (height, width)
    pixels = np.random.RandomState(seed).randint(0, 256, shape)
    return pixels.astype(np.uint8) if dtype == np.uint8 else (pixels / 255).astype(dtype)


@given(SIDES, SIDES, SIDES, SIDES, st.booleans(), st.sampled_from([np.uint8, np.float32]))
def test_one_image_takes_any_size(rows, columns, height, width, colour, dtype):
    before = image(rows, columns, colour, dtype)
    after = resize_image(before, height, width)
    assert after.shape == (height, width, *before.shape[2:]) and after.dtype == dtype
    assert after.min() >= 0 and after.max() <= (255 if dtype == np.uint8 else 1)
    if (rows, columns) == (height, width):
        assert (after == before).all()


def test_an_axis_that_shrinks_is_averaged_though_the_other_grows():
    stripes = np.zeros((4, 64), np.uint8)
    stripes[:, ::2] = 200
    assert (resize_image(stripes, 16, 8) == 100).all()


@given(SIDES, SIDES, SIDES, st.sampled_from(list(FITS)), st.booleans())
def test_every_fit_makes_a_square(rows, columns, size, fit, colour):
    before = image(rows, columns, colour)
    after = FITS[fit](before, size)
    assert after.shape == (size, size, *before.shape[2:]) and after.dtype == np.uint8


def test_stretch_keeps_everything_and_a_crop_the_shape():
    wide = image(20, 60)
    assert (stretch(wide, 10) == resize_image(wide, 10, 10)).all()
    assert (centre_crop(wide, 10) == resize_image(wide[:, 20:40], 10, 10)).all()
    assert (centre_crop(wide.swapaxes(0, 1), 10) == centre_crop(wide, 10).swapaxes(0, 1)).all()


@given(SIDES, SIDES, SIDES)
def test_the_mask_of_a_letterbox_is_where_the_image_is(rows, columns, size):
    square, mask = letterbox(np.full((rows, columns, 3), 7, np.uint8), size, fill=200)
    assert square.shape == (size, size, 3) and mask.shape == (size, size)
    assert (square[mask] == 7).all() and (square[~mask] == 200).all()
    inside = mask.sum(0).max(), mask.sum(1).max()
    assert max(inside) == size and mask.sum() == inside[0] * inside[1]
    assert min(inside) == max(1, round(size * min(rows, columns) / max(rows, columns)))


@pytest.mark.parametrize("shape", [(4,), (0, 4), (4, 0, 3), (1, 2, 3, 4)])
def test_one_image_of_another_shape_is_refused(shape):
    for fit in (lambda image, size: resize_image(image, size, size), *FITS.values()):
        with pytest.raises(ImageError, match=re.escape(str(shape))):
            fit(np.zeros(shape, np.uint8), 4)
        with pytest.raises(ImageError, match="at least 1 x 1"):
            fit(np.zeros((4, 4), np.uint8), 0)


ONE_IMAGE = [
    stretch,
    centre_crop,
    letterbox,
    lambda image, size: resize_image(image, size, 2 * size),
]


@pytest.mark.parametrize("fit", ONE_IMAGE)
@pytest.mark.parametrize("shape", [(3, 64, 64), (9, 9, 1), (9, 8, 2), (9, 8, 4), (1, 9, 9)])
@pytest.mark.parametrize("size", [4, 9, 100])
def test_other_channels_than_three_behind_are_refused(fit, shape, size):
    for dtype in (np.uint8, np.float32):
        with pytest.raises(ImageError, match=re.escape(str(shape))):
            fit(np.zeros(shape, dtype), size)


def test_channels_that_are_first_are_pointed_out():
    with pytest.raises(ImageError, match="moveaxis"):
        stretch(np.zeros((3, 64, 64), np.uint8), 32)


@pytest.mark.parametrize("fit", [*ONE_IMAGE, lambda image, size: resize(image[None], size)])
@pytest.mark.parametrize("value", [200.0, 1.01, -0.01, np.nan, np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_beyond_white_are_refused(fit, value, dtype):
    spoilt = image(8, 9, dtype=dtype)
    spoilt[3, 4] = value
    for size in (4, 8, 20):
        with pytest.raises(ImageError, match="between 0 and 1"):
            fit(spoilt, size)


@pytest.mark.parametrize("fill", [-1, 256, 0.5, np.nan])
def test_a_fill_that_is_no_pixel_is_refused(fill):
    with pytest.raises(ImageError, match="fill must be a pixel between 0 and 255"):
        letterbox(image(4, 8), 8, fill)
    if fill != 0.5:
        with pytest.raises(ImageError, match="fill must be a pixel between 0 and 1"):
            letterbox(image(4, 8, dtype=np.float32), 8, fill)


@pytest.mark.parametrize("shape", [(64, 48, 3), (64, 48, 4), (64, 48, 1), (9, 9, 9, 4), (9, 9)])
def test_one_image_is_not_taken_for_many(shape):
    for many in (to_tensor, lambda images: resize(images, 8)):
        with pytest.raises(ImageError, match=re.escape(str(shape))):
            many(np.zeros(shape, np.uint8))
    assert to_tensor(np.zeros((5, 3, 3), np.uint8)).shape == (5, 1, 3, 3)  # square, so grey


def test_a_image_that_is_read_backwards_becomes_a_tensor():
    colours = image(4, 5)[None]
    assert to_tensor(colours[..., ::-1]).equal(to_tensor(colours).flip(1))
    assert to_tensor(colours[:, ::-1]).equal(to_tensor(colours).flip(2))


@pytest.mark.parametrize("side", range(1, 12))
def test_where_edges_are_odd_a_crop_leaves_one_more_behind(side):
    wide = image(side, 2 * side + 1)
    left = (side + 1) // 2
    assert (centre_crop(wide, side) == wide[:, left : left + side]).all()


@pytest.mark.parametrize("shape", [(2, 3, 0, 4), (2, 1, 4, 0)])
def test_images_without_pixels_are_refused(shape):
    with pytest.raises(ImageError, match="must have pixels"):
        blur(torch.zeros(shape), 1.0)


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 4), (1, 0, 4), (1, 2, 3, 4, 5)])
def test_resize_refuses_other_shapes(shape):
    with pytest.raises(ImageError, match=re.escape(str(shape))):
        resize(np.zeros(shape, np.uint8), 4)


def test_to_tensor_puts_channels_first():
    pixels = np.zeros((2, 4, 5, 3), np.uint8)
    pixels[..., 1] = 255
    tensor = to_tensor(pixels)
    assert tensor.shape == (2, 3, 4, 5)
    assert (tensor[:, 1] == 1).all()
    assert to_tensor(pixels[..., 0]).shape == (2, 1, 4, 5)
    with pytest.raises(ImageError, match="uint8"):
        to_tensor(np.zeros((2, 4, 5), np.float32))  # pyright: ignore[reportArgumentType]


@given(st.lists(st.integers(1, 6), min_size=0, max_size=6))
def test_check_accepts_only_batches_of_one_or_three_channels(shape):
    images = torch.zeros(shape)
    if len(shape) == 4 and shape[1] in (1, 3):
        assert check_images(images) is images
    else:
        with pytest.raises(ImageError, match=re.escape(str(tuple(shape)))):
            check_images(images)


def test_check_says_which_image_and_what_to_do():
    images = torch.zeros(5, 1, 4, 4)
    images[3, 0, 2, 2] = torch.nan
    with pytest.raises(ImageError, match="image 3 of 5"):
        check_images(images)
    with pytest.raises(ImageError, match="movedim"):
        check_images(torch.zeros(5, 28, 28, 3))
    with pytest.raises(ImageError, match="to_tensor"):
        check_images(torch.zeros(5, 1, 4, 4, dtype=torch.uint8))


def test_an_empty_batch_is_a_batch():
    empty = torch.zeros(0, 1, 4, 4)
    assert blur(check_images(empty), 1.0).shape == empty.shape


@pytest.mark.parametrize("sigma", [0.3, 0.8, 1.7, 3.0])
def test_blur_agrees_with_opencv(sigma):
    images = torch.rand(3, 1, 28, 20, generator=seeded())
    reach = int(np.ceil(4 * sigma))
    expected = [
        cv2.GaussianBlur(
            image[0].numpy(), (2 * reach + 1,) * 2, sigma, borderType=cv2.BORDER_REPLICATE
        )
        for image in images
    ]
    actual = blur(images, sigma)[:, 0].numpy()
    np.testing.assert_allclose(actual, np.stack(expected), atol=1e-5)


def test_blur_takes_one_sigma_a_image():
    images = torch.rand(3, 3, 12, 12, generator=seeded())
    together = blur(images, torch.tensor([0.0, 1.0, 2.0]))
    assert torch.equal(together[0], images[0])
    torch.testing.assert_close(together[1], blur(images, 1.0)[1])
    torch.testing.assert_close(together[2], blur(images, 2.0)[2])


def test_noise_has_the_given_deviation_for_each_image():
    images = torch.zeros(3, 1, 100, 100)
    noisy = add_noise(images, torch.tensor([0.0, 0.5, 2.0]), seeded())
    deviations = noisy.flatten(1).std(1)
    assert deviations[0] == 0
    torch.testing.assert_close(deviations[1:], torch.tensor([0.5, 2.0]), rtol=0.03, atol=0)
    assert torch.equal(noisy, add_noise(images, torch.tensor([0.0, 0.5, 2.0]), seeded()))


@pytest.mark.parametrize(
    "sigma", [-0.1, float("nan"), float("inf"), torch.zeros(2), torch.zeros(3, 1)]
)
def test_a_wrong_sigma_is_refused(sigma):
    with pytest.raises(ValueError, match="sigma"):
        add_noise(torch.zeros(3, 1, 4, 4), sigma, seeded())
    with pytest.raises(ValueError, match="sigma"):
        blur(torch.zeros(3, 1, 4, 4), sigma)

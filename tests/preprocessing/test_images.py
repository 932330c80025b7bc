import re

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.images import (
    ImageError,
    add_noise,
    blur,
    check_pictures,
    read_image,
    resize,
    to_tensor,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_reads_colour_in_the_order_red_green_blue(tmp_path):
    path = tmp_path / "red.png"
    cv2.imwrite(str(path), np.full((4, 5, 3), (0, 0, 255), np.uint8))  # OpenCV writes B, G, R
    picture = read_image(path)
    assert picture.shape == (4, 5, 3)
    assert (picture == (255, 0, 0)).all()
    assert read_image(path, grey=True).shape == (4, 5)


@pytest.mark.parametrize("content", [b"", b"this is text", b"\x89PNG\r\n\x1a\n broken"])
def test_a_bad_file_is_named_with_its_cause(tmp_path, content):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    cause = "empty file" if not content else "no picture that OpenCV can decode"
    with pytest.raises(ImageError, match=f"{re.escape(str(path))}.*{cause}"):
        read_image(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"nowhere\.png.*No such file"):
        read_image(tmp_path / "nowhere.png")
    with pytest.raises(ImageError, match="directory"):
        read_image(tmp_path)


@given(st.integers(1, 4), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_resize_keeps_number_type_and_range(n, height, width, size, colour):
    shape = (n, height, width, 3) if colour else (n, height, width)
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
    pictures = torch.zeros(shape)
    if len(shape) == 4 and shape[1] in (1, 3):
        assert check_pictures(pictures) is pictures
    else:
        with pytest.raises(ImageError, match=re.escape(str(tuple(shape)))):
            check_pictures(pictures)


def test_check_says_which_picture_and_what_to_do():
    pictures = torch.zeros(5, 1, 4, 4)
    pictures[3, 0, 2, 2] = torch.nan
    with pytest.raises(ImageError, match="picture 3 of 5"):
        check_pictures(pictures)
    with pytest.raises(ImageError, match="movedim"):
        check_pictures(torch.zeros(5, 28, 28, 3))
    with pytest.raises(ImageError, match="to_tensor"):
        check_pictures(torch.zeros(5, 1, 4, 4, dtype=torch.uint8))


def test_an_empty_batch_is_a_batch():
    empty = torch.zeros(0, 1, 4, 4)
    assert blur(check_pictures(empty), 1.0).shape == empty.shape


@pytest.mark.parametrize("sigma", [0.3, 0.8, 1.7, 3.0])
def test_blur_agrees_with_opencv(sigma):
    pictures = torch.rand(3, 1, 28, 20, generator=seeded())
    reach = int(np.ceil(4 * sigma))
    expected = [
        cv2.GaussianBlur(
            picture[0].numpy(), (2 * reach + 1,) * 2, sigma, borderType=cv2.BORDER_REPLICATE
        )
        for picture in pictures
    ]
    actual = blur(pictures, sigma)[:, 0].numpy()
    np.testing.assert_allclose(actual, np.stack(expected), atol=1e-5)


def test_blur_takes_one_sigma_a_picture():
    pictures = torch.rand(3, 3, 12, 12, generator=seeded())
    together = blur(pictures, torch.tensor([0.0, 1.0, 2.0]))
    assert torch.equal(together[0], pictures[0])
    torch.testing.assert_close(together[1], blur(pictures, 1.0)[1])
    torch.testing.assert_close(together[2], blur(pictures, 2.0)[2])


def test_noise_has_the_given_deviation_for_each_picture():
    pictures = torch.zeros(3, 1, 100, 100)
    noisy = add_noise(pictures, torch.tensor([0.0, 0.5, 2.0]), seeded())
    deviations = noisy.flatten(1).std(1)
    assert deviations[0] == 0
    torch.testing.assert_close(deviations[1:], torch.tensor([0.5, 2.0]), rtol=0.03, atol=0)
    assert torch.equal(noisy, add_noise(pictures, torch.tensor([0.0, 0.5, 2.0]), seeded()))


@pytest.mark.parametrize("sigma", [-0.1, float("nan"), torch.zeros(2), torch.zeros(3, 1)])
def test_a_wrong_sigma_is_refused(sigma):
    with pytest.raises(ValueError, match="sigma"):
        add_noise(torch.zeros(3, 1, 4, 4), sigma, seeded())
    with pytest.raises(ValueError, match="sigma"):
        blur(torch.zeros(3, 1, 4, 4), sigma)

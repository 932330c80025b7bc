"""Whatever holds an image becomes bytes of three channels, or is refused with a reason."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmbook.preprocessing.images.raw import as_pixels
from mmbook.preprocessing.images.transforms import ImageError

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
GREY = RGB[..., 0]
THREE = np.repeat(GREY[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("image", "pixels"),
    [
        (RGB, RGB),
        (GREY, THREE),
        (GREY[..., None], THREE),
        (GREY > 99, np.where(THREE > 99, 255, 0)),
        (torch.from_numpy(RGB).movedim(-1, 0), RGB),
        (torch.from_numpy(GREY), THREE),
        (torch.from_numpy(GREY)[None], THREE),
        (Image.fromarray(RGB), RGB),
        (Image.fromarray(GREY), THREE),
        (Image.fromarray(RGB).quantize(256), None),
        (np.dstack([RGB, np.zeros((5, 7), np.uint8)]), np.full_like(RGB, 255)),
        (np.dstack([RGB, np.full((5, 7), 255, np.uint8)]), RGB),
        (Image.fromarray(np.dstack([RGB, np.zeros((5, 7), np.uint8)])), np.full_like(RGB, 255)),
    ],
)
def test_what_holds_an_image(image, pixels) -> None:
    found = as_pixels(image)
    assert found.shape == (5, 7, 3) and found.dtype == np.uint8 and found.flags.c_contiguous
    if pixels is not None:
        assert (found == pixels).all()


def test_a_file_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ä 图.png"
    path.write_bytes(cv2.imencode(".png", RGB[..., ::-1])[1].tobytes())
    assert (as_pixels(path) == RGB).all() and (as_pixels(str(path)) == RGB).all()
    with pytest.raises(ImageError, match=r"cannot read the image .*none\.png"):
        as_pixels(tmp_path / "none.png")


DEEP = np.random.default_rng(1).integers(0, 65536, (5, 7), np.uint16)


@pytest.mark.parametrize(
    ("image", "notes"),
    [
        (Image.fromarray(DEEP), {}),
        (Image.fromarray(DEEP), {"transparency": int(DEEP[2, 3])}),
        (Image.fromarray(GREY), {"transparency": int(GREY[2, 3])}),
        (Image.fromarray(RGB), {"exif": {0x112: 6}}),
        (Image.fromarray(DEEP), {"exif": {0x112: 8}}),
    ],
)
def test_an_image_of_pil_gives_what_its_file_gives(tmp_path: Path, image, notes) -> None:
    exif = Image.Exif()
    exif.update(notes.pop("exif", {}))
    path = tmp_path / "image.png"
    image.save(path, exif=exif, **notes)
    expected = as_pixels(path)
    with Image.open(path) as opened:
        found = as_pixels(opened)
    assert found.shape == expected.shape and (found == expected).all()
    assert (as_pixels(path.read_bytes()) == expected).all()


def test_an_image_of_pil_in_32_bits_is_read_as_16() -> None:
    image = Image.fromarray(DEEP.astype(np.int32))
    assert image.mode == "I" and (as_pixels(image) == as_pixels(Image.fromarray(DEEP))).all()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (RGB / 255, r"must be bytes \(uint8\).*float64: numbers in \[0, 1\]"),
        (torch.rand(3, 5, 7), "float32"),
        (RGB.astype(np.int64), "int64"),
        (None, "NoneType of object"),
        (Image.fromarray(GREY / np.float32(255)), "mode F has no known range"),
        (Image.fromarray(DEEP.astype(np.int32) + 65536), "must hold 16 bits"),
        (b"GIF89a", "a PNG or JPEG file was expected"),
        (RGB[0, 0], r"shape \(3,\)"),
        (RGB[:0], r"\(0, 7, 3\)"),
        (np.zeros((2, 5, 7, 3), np.uint8), r"\(2, 5, 7, 3\)"),
        (np.zeros((5, 7, 2), np.uint8), r"\(5, 7, 2\)"),
    ],
)
def test_what_is_no_image_is_refused(image, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        as_pixels(image)

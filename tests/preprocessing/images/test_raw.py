"""Whatever holds an image becomes bytes of three channels, or is refused with a reason."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmbook.preprocessing.images.raw import as_pixels
from mmbook.preprocessing.images.transforms import ImageError
from tests.preprocessing.images import png

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


def test_an_image_of_pil_that_is_dark_is_read_where_its_range_is_known() -> None:
    dark = Image.fromarray(np.full((5, 7), 200, np.int32))
    assert (as_pixels(dark.convert("I;16")) == 1).all()
    assert not as_pixels(Image.fromarray(np.zeros((5, 7), np.int32))).any()


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("colour", [png.RGB, png.RGB_ALPHA])
def test_pil_cuts_sixteen_bits_in_colour_by_few_levels(depth: int, colour: int) -> None:
    samples = np.random.default_rng(2).integers(0, 2**depth, (50, 70, 3 + (colour != png.RGB)))
    content = png.write_png(samples, depth, colour)
    found = as_pixels(Image.open(io.BytesIO(content))).astype(int)
    most = 0 if depth == 8 else 1 if colour == png.RGB else 2
    assert abs(as_pixels(content) - found).max() <= most


def test_a_transparent_shade_that_pil_cannot_find_is_refused() -> None:
    for depth in (8, 16):
        samples = np.random.default_rng(3).integers(2**depth // 2, 2**depth, (5, 7, 3))
        shade = png.block(b"tRNS", samples[2, 3].astype(">u2").tobytes())
        content = png.write_png(samples, depth, png.RGB, shade)
        image = Image.open(io.BytesIO(content))
        assert (as_pixels(content)[2, 3] == 255).all()
        if depth == 8:
            assert (as_pixels(image) == as_pixels(content)).all()
        else:
            with pytest.raises(ImageError, match=r"of 16 bits PIL keeps 8.* pass the path"):
                as_pixels(image)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (RGB / 255, r"must be bytes \(uint8\).*float64: numbers in \[0, 1\]"),
        (torch.rand(3, 5, 7), "float32"),
        (RGB.astype(np.int64), "int64"),
        (None, "NoneType of object"),
        (Image.fromarray(GREY / np.float32(255)), "mode F has no known range"),
        (Image.fromarray(DEEP.astype(np.int32) + 65536), "must hold 16 bits"),
        (Image.fromarray(GREY).convert("I"), "stays below 256, as 8 bits do: convert it to L"),
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

"""Decoding: what a file becomes, what is refused, and that memory stays bounded on any bytes."""

import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from skimage import data

from mmbook.preprocessing.images.files import (
    MOST_PIXELS,
    decode_image,
    find_broken,
    read_header,
    read_image,
    read_images,
)
from mmbook.preprocessing.images.transforms import FITS, ImageError

ORIENTATION = 0x112


def pixels(height=24, width=40, seed=0):
    """An image that is smooth enough for JPEG, (height, width, 3) uint8."""
    noise = np.random.RandomState(seed).rand(4, 5, 3).astype(np.float32)
    return (cv2.resize(noise, (width, height)) * 255).round().astype(np.uint8)


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()


PNG, JPEG = encoded(pixels()), encoded(pixels(), "JPEG", quality=95)


def jpeg_frame(width, height):
    """The beginning of a JPEG that announces a size, and its end, with nothing in between."""
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    place = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:place] + size + JPEG[place + 4 :]


def png_frame(width, height):
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


def test_colours_are_in_the_order_red_green_blue():
    red = np.full((4, 5, 3), (255, 0, 0), np.uint8)
    assert (decode_image(encoded(red)) == (255, 0, 0)).all()
    assert abs(decode_image(encoded(red, "JPEG")).astype(int) - (255, 0, 0)).max() < 3
    assert decode_image(encoded(red), grey=True).tolist() == [[76] * 5] * 4  # 0.299 · 255


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_agrees_with_pillow(kind):
    content = encoded(pixels(), kind)
    expected = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert abs(decode_image(content).astype(int) - expected).max() <= (0 if kind == "PNG" else 2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("at_least", [None, 8])
def test_a_photograph_is_turned_as_its_camera_noted(orientation, at_least):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = encoded(pixels(32, 48), "JPEG", quality=95, exif=exif)
    turned = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    found = decode_image(content, at_least=at_least)
    if at_least:
        turned = cv2.resize(turned, found.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert found.shape == turned.shape
    assert abs(found.astype(int) - turned).mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("grey", [False, True])
def test_a_png_is_turned_too(orientation, grey):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = encoded(pixels(), exif=exif)
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    expected = np.asarray(turned.convert("L") if grey else turned)
    assert abs(decode_image(content, grey=grey).astype(int) - expected).max() <= grey


def test_sixteen_bits_become_eight():
    deep = np.array([[0, 128, 129, 257, 65535]], np.uint16)
    content = cv2.imencode(".png", deep)[1].tobytes()
    assert decode_image(content, grey=True).tolist() == [[0, 0, 1, 1, 255]]
    assert decode_image(content).shape == (1, 5, 3)


def test_what_is_transparent_is_laid_over_white():
    image = np.array([[[10, 20, 30, 0], [10, 20, 30, 255], [0, 0, 0, 51]]], np.uint8)
    assert decode_image(encoded(image)).tolist() == [[[255] * 3, [10, 20, 30], [204] * 3]]
    assert decode_image(encoded(image), grey=True)[0, 0] == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_three_bytes_a_pixel(mode):
    image = Image.fromarray(pixels()[..., 0].astype(np.uint16)) if mode == "I;16" else None
    image = image or Image.fromarray(pixels()).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    for grey, shape in ((False, (24, 40, 3)), (True, (24, 40))):
        found = decode_image(buffer.getvalue(), grey=grey)
        assert (found.shape, found.dtype) == (shape, np.uint8)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_photographs_become_three_channels(mode):
    buffer = io.BytesIO()
    Image.fromarray(pixels()).convert(mode).save(buffer, "JPEG")
    found = decode_image(buffer.getvalue())
    expected = np.asarray(Image.open(buffer).convert("RGB"))
    assert found.shape == (24, 40, 3) and abs(found.astype(int) - expected).max() <= 2


def test_the_header_says_what_is_decoded():
    for content, kind in ((PNG, "PNG"), (JPEG, "JPEG")):
        header = read_header(content)
        assert (header.kind, header.width, header.height, header.complete) == (kind, 40, 24, True)
    assert read_header(JPEG).shrinks and not read_header(PNG).shrinks
    assert not read_header(encoded(pixels(), "JPEG", progressive=True)).shrinks


@given(st.integers(8, 300), st.integers(8, 300), st.integers(1, 100))
@settings(max_examples=25, deadline=None)
def test_a_reduced_image_keeps_as_many_pixels_as_wanted(height, width, at_least):
    found = decode_image(encoded(pixels(height, width), "JPEG"), at_least=at_least)
    assert min(found.shape[:2]) >= min(at_least, height, width)
    # It stops only where another halving would be too much, or at an eighth.
    assert min(found.shape[:2]) < 2 * at_least + 2 or min(height, width) >= 8 * at_least


@pytest.mark.parametrize("content", [PNG, JPEG])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_short_is_no_image(content, share):
    with pytest.raises(ImageError, match=r"cut short|no image|damaged"):
        decode_image(content[: int(len(content) * share)])


def photograph(kind, **options):
    return encoded(data.astronaut(), kind, **options)


WHOLE = {
    "JPEG": photograph("JPEG"),
    "progressive JPEG": photograph("JPEG", progressive=True),
    "JPEG without subsampling": photograph("JPEG", subsampling=0),
    "PNG": encoded(data.astronaut()[::2, ::2]),
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("at_least", [None, 8])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("start", [0.3, 0.5, 0.7])
def test_a_file_without_some_of_its_middle_is_refused(kind, at_least, grey, start):
    content = WHOLE[kind]
    assert decode_image(content, grey=grey, at_least=at_least).size
    place = int(start * len(content))
    with pytest.raises(ImageError, match=r"damaged|cut short"):
        decode_image(content[:place] + content[place + 200 :], grey=grey, at_least=at_least)


def test_a_jpeg_that_is_closed_too_early_is_refused_and_found(tmp_path):
    content = WHOLE["JPEG"]
    early = content[: len(content) // 2] + b"\xff\xd9"
    with pytest.raises(ImageError, match="damaged: Corrupt JPEG data: premature end"):
        decode_image(early)
    (tmp_path / "early.jpg").write_bytes(early)
    assert list(find_broken([tmp_path / "early.jpg"])) == [tmp_path / "early.jpg"]


def test_damage_that_leaves_a_jpeg_a_jpeg_is_not_found():
    content, undetected = WHOLE["JPEG"], 0
    whole = decode_image(content)
    for place in range(len(content) // 4, len(content), len(content) // 50):
        changed = bytearray(content)
        changed[place] ^= 1
        try:
            undetected += bool((decode_image(bytes(changed)) != whole).any())
        except ImageError:
            continue
    assert undetected, "as the description of decode_image says"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF", "ICO", "PPM", "JPEG2000"])
def test_another_kind_of_image_is_refused_whole_or_not(kind):
    content = encoded(pixels(32, 32), kind)
    for part in (content, content[: len(content) // 2]):
        with pytest.raises(ImageError, match="a PNG or JPEG file was expected"):
            decode_image(part)


def test_a_change_of_one_byte_of_a_png_is_found():
    content = bytearray(WHOLE["PNG"])
    content[len(content) // 2] ^= 1
    with pytest.raises(ImageError, match="damaged"):
        decode_image(bytes(content))


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_refused_by_name(content):
    for start in (b"", PNG[:8], PNG[:24], JPEG[:3], JPEG[:200]):
        with pytest.raises(ImageError):
            decode_image(start + content)


@given(
    st.sampled_from([PNG, JPEG, encoded(pixels(), "JPEG", progressive=True)]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=20),
)
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_are_a_image_or_refused_by_name(content, damage):
    changed = bytearray(content)
    for share, value in damage:
        changed[int(share * len(changed))] = value
    try:
        found = decode_image(bytes(changed))
    except ImageError:
        return
    assert found.dtype == np.uint8 and found.ndim == 3 and found.shape[2] == 3


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (png_frame(10_000, 10_000), "shrink it beforehand"),
        (png_frame(2**31 - 1, 2**31 - 1), "shrink it beforehand"),
        (jpeg_frame(10_000, 10_000), "pass at_least"),
    ],
)
def test_a_huge_image_is_refused_before_anything_is_decoded(content, remedy):
    with pytest.raises(ImageError, match=f"{MOST_PIXELS:,} are decoded at most: {remedy}"):
        decode_image(content)


def test_a_progressive_photograph_is_never_reduced_and_so_refused_when_huge():
    content = encoded(pixels(), "JPEG", progressive=True)
    place = content.index(b"\xff\xc2") + 5
    size = (10_000).to_bytes(2, "big") * 2
    with pytest.raises(ImageError, match="shrink it beforehand"):
        decode_image(content[:place] + size + content[place + 4 :], at_least=64)


HUNDRED_MEGAPIXELS = """
import resource, sys
from mmbook.preprocessing.images.files import read_images
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
images = read_images([sys.argv[1]], 64)
assert images.shape == (1, 3, 64, 64) and abs(float(images.float().mean()) - 127) < 2
print(peak() - before)
"""


def test_a_photograph_of_a_hundred_megapixels_takes_little_memory(tmp_path):
    path = tmp_path / "large.jpg"
    Image.new("RGB", (10_000, 10_000), (127, 127, 127)).save(path)
    command = [sys.executable, "-c", HUNDRED_MEGAPIXELS, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 100  # MB; decoded at its full size it takes 300


@pytest.mark.parametrize(
    ("content", "cause"), [(b"", "empty file"), (b"this is text", "a PNG or JPEG file")]
)
def test_a_bad_file_is_named_with_its_cause(tmp_path, content, cause):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=rf"bad\.png.*{cause}"):
        read_image(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"nowhere\.png.*No such file"):
        read_image(tmp_path / "nowhere.png")
    with pytest.raises(ImageError, match="directory"):
        read_image(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> list[Path]:
    for index, shape in enumerate([(30, 50), (50, 30), (20, 20), (300, 200)]):
        (tmp_path / f"{index}.jpg").write_bytes(encoded(pixels(*shape, index), "JPEG"))
    return sorted(tmp_path.iterdir())


@pytest.mark.parametrize("fit", FITS)
def test_a_folder_becomes_one_tensor(folder, fit):
    images = read_images(folder, 16, fit=fit)
    assert (images.shape, images.dtype) == ((4, 3, 16, 16), torch.uint8)
    for path, image in zip(folder, images, strict=True):
        alone = FITS[fit](read_image(path), 16)  # decoded at full size
        assert abs(alone.astype(float) - image.movedim(0, -1).numpy()).mean() < 2
    assert read_images([], 16, fit=fit).shape == (0, 3, 16, 16)


def test_a_folder_with_a_broken_file_is_refused_with_its_name(folder):
    folder[2].write_bytes(folder[2].read_bytes()[:300])
    with pytest.raises(ImageError, match=r"2\.jpg"):
        read_images(folder, 16)
    broken = find_broken(folder)
    assert list(broken) == [folder[2]] and "2.jpg" in broken[folder[2]]


def test_an_unknown_fit_and_a_size_of_nothing_are_refused(folder):
    with pytest.raises(ImageError, match="there are stretch, crop, letterbox"):
        read_images(folder, 16, fit="squeeze")
    with pytest.raises(ImageError, match="at least 1, got 0"):
        read_images(folder, 0)

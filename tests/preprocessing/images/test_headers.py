"""What a file says of itself, in every kind of PNG, and in the notes of cameras."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mmbook.preprocessing.images.files import decode_image
from mmbook.preprocessing.images.headers import read_header
from tests.preprocessing.images.png import (
    CHANNELS,
    GREY,
    KINDS,
    PALETTE,
    RGB,
    block,
    over_white,
    write_png,
)


def transparency(samples, depth, colour):
    """What the block tRNS may hold for a kind of PNG: as numbers, and as bytes."""
    if colour == PALETTE:
        alpha = [(7 + 61 * place) % 256 for place in range(max(1, 2**depth // 2))]
        return alpha, bytes(alpha)
    values = np.atleast_1d(samples[2, 3]).tolist()
    return values, struct.pack(f">{len(values)}H", *values)


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize(("colour", "depth"), KINDS)
def test_every_kind_of_png_looks_as_on_white_paper(colour, depth, clear):
    random = np.random.RandomState(depth + colour)
    samples = random.randint(0, 2**depth, (6, 7, *CHANNELS[colour]))
    samples[2, 3] = 0  # black, which would stay black if it were not seen to be transparent
    palette = random.randint(0, 256, (2**depth, 3))
    blocks, numbers = [], None
    if colour == PALETTE:
        blocks.append(block(b"PLTE", palette.astype(np.uint8).tobytes()))
    if clear and colour < 4:  # the others have alpha of their own
        numbers, data = transparency(samples, depth, colour)
        blocks.append(block(b"tRNS", data))
    content = write_png(samples, depth, colour, *blocks)
    expected = over_white(samples, depth, colour, palette, numbers)
    assert np.abs(decode_image(content) - expected).max() < 0.505
    grey = expected @ [0.299, 0.587, 0.114]
    assert np.abs(decode_image(content, grey=True) - grey).max() < 1.01  # rounded twice


@pytest.mark.parametrize(("colour", "depth"), [kind for kind in KINDS if kind[0] in (GREY, RGB)])
def test_a_image_of_one_transparent_shade_is_white(colour, depth):
    samples = np.full((3, 4, *CHANNELS[colour]), 2**depth - 2 if depth > 1 else 0)
    _, data = transparency(samples, depth, colour)
    assert (decode_image(write_png(samples, depth, colour, block(b"tRNS", data))) == 255).all()


def test_the_end_of_a_png_is_its_last_block_and_not_its_name_among_the_pixels():
    content = write_png(np.zeros((3, 4), int), 8, GREY, block(b"tEXt", b"a\0IEND"))
    assert read_header(content).complete and not read_header(content[:-12]).complete


def notes(orientation, order, before=0):
    """EXIF with some other entries before the orientation; order is < or >."""
    entries = b"".join(struct.pack(order + "HHII", 0x10F, 4, 1, 7) for _ in range(before))
    entries += struct.pack(order + "HHIHH", 0x112, 3, 1, orientation, 0)
    name = b"II" if order == "<" else b"MM"
    return name + struct.pack(order + "HIH", 42, 8, before + 1) + entries + bytes(4)


@given(st.integers(0, 20), st.sampled_from("<>"), st.integers(0, 5))
def test_the_orientation_is_read_in_both_byte_orders(orientation, order, before):
    exif = notes(orientation, order, before)
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG", exif=b"Exif\0\0" + exif)
    expected = orientation if 1 <= orientation <= 8 else 1
    assert read_header(buffer.getvalue()).orientation == expected
    content = write_png(np.zeros((3, 4), int), 8, GREY, block(b"eXIf", exif))
    assert read_header(content).orientation == expected


@given(st.binary(max_size=60), st.integers(0, 40))
def test_notes_that_are_damaged_leave_the_image_upright_or_turned(tail, kept):
    exif = notes(6, "<")[:kept] + tail
    content = write_png(np.zeros((3, 4), int), 8, GREY, block(b"eXIf", exif))
    assert 1 <= read_header(content).orientation <= 8
    assert sorted(decode_image(content).shape) == [3, 3, 4]

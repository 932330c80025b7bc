"""PNG files of every kind, written by hand, and the colours that the standard gives them."""

import struct
import zlib

import numpy as np

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: (), RGB: (3,), PALETTE: (), GREY_ALPHA: (2,), RGB_ALPHA: (4,)}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16)}
KINDS = [(colour, depth) for colour in CHANNELS for depth in DEPTHS.get(colour, (8, 16))]


def block(kind, data):
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def write_png(samples, depth, colour, *blocks):
    """samples: (height, width[, channels]) integers below 2 ** depth. blocks: before the pixels."""
    height, width = samples.shape[:2]
    shifts = np.arange(depth - 1, -1, -1)
    bits = (samples.reshape(height, -1, 1) >> shifts & 1).reshape(height, -1).astype(np.uint8)
    lines = b"".join(b"\0" + np.packbits(line).tobytes() for line in bits)
    size = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = block(b"IDAT", zlib.compress(lines))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [block(b"IHDR", size), *blocks, pixels, block(b"IEND", b"")]
    )


def over_white(samples, depth, colour, palette, transparent):
    """The image as it looks on white paper, (height, width, 3) between 0 and 255.

    transparent: the samples of one colour, or the alpha of the first colours of a palette.
    """
    values = samples / (2**depth - 1)
    alpha = np.ones(samples.shape[:2])
    if colour == PALETTE:
        opacities = np.ones(len(palette))
        if transparent is not None:
            opacities[: len(transparent)] = np.array(transparent) / 255
        values, alpha = palette[samples] / 255, opacities[samples]
    elif colour in (GREY_ALPHA, RGB_ALPHA):
        values, alpha = values[..., :-1], values[..., -1]
    elif transparent is not None:
        same = samples.reshape(*alpha.shape, -1) == np.array(transparent)
        alpha = 1.0 - same.all(-1)
    shades = values.reshape(*alpha.shape, -1)
    opaque = alpha[..., None]
    return 255 * np.broadcast_to(shades * opaque + 1 - opaque, (*alpha.shape, 3))

"""Step 1 for images, its beginning: bytes become pixels, and a folder becomes one tensor.

What a file may hold is decided here once. JPEG files are turned as their camera noted (EXIF), grey
becomes three equal channels, 16 bits become 8, and what is transparent is laid over white.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.images.transforms import FITS, ImageError

# More are not decoded: 2^26 pixels, a square of 8192, take 200 MB as three bytes each.
MOST_PIXELS = 2**26

_PNG, _JPEG, _JPEG_END = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd9"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG markers that carry the size
_SCAN, _SEQUENTIAL = 0xDA, (0xC0, 0xC1)
FLAGS = {
    (1, False): cv2.IMREAD_COLOR,
    (2, False): cv2.IMREAD_REDUCED_COLOR_2,
    (4, False): cv2.IMREAD_REDUCED_COLOR_4,
    (8, False): cv2.IMREAD_REDUCED_COLOR_8,
    (1, True): cv2.IMREAD_GRAYSCALE,
    (2, True): cv2.IMREAD_REDUCED_GRAYSCALE_2,
    (4, True): cv2.IMREAD_REDUCED_GRAYSCALE_4,
    (8, True): cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


@dataclass(frozen=True)
class ImageHeader:
    """What a file says about its image before anything is decoded.

    width, height: in pixels, before a photograph is turned. complete: whether its end is there.
    shrinks: whether the decoder can make a smaller image without ever holding the large one.
    """

    kind: str
    width: int
    height: int
    complete: bool
    shrinks: bool


def read_header(content: bytes) -> ImageHeader:
    """Read the size of a PNG or JPEG file from its first bytes, without decoding it.

    Raises ImageError where the bytes are of another kind, or stop before the size.
    """
    if not content:
        raise ImageError("an empty file (0 bytes)")
    header = None
    if content.startswith(_PNG):
        header = _png_header(content)
    elif content.startswith(_JPEG):
        header = _jpeg_header(content)
    if header is None or header.width == 0 or header.height == 0:
        raise ImageError(
            f"no image ({len(content)} bytes that begin with {content[:4].hex(' ')}): "
            "a PNG or JPEG file was expected"
        )
    return header


def _png_header(content: bytes) -> ImageHeader | None:
    """The size is in the first block, IHDR; the last one is IEND."""
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    return ImageHeader("PNG", width, height, b"IEND" in content[24:], False)


def _jpeg_header(content: bytes) -> ImageHeader | None:
    """Walk from marker to marker: each block says its length, one of them holds the size."""
    place, frame = 2, None
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:  # a marker may be filled up with more of its first byte
            place += 1
            continue
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        block = content[place + 4 : place + 2 + length]
        if marker == _SCAN:
            break
        if marker in _FRAMES and len(block) >= 6:
            frame = marker, block
        place += 2 + length
    else:
        return None
    if frame is None:
        return None
    marker, size = frame
    height, width = (int.from_bytes(size[at : at + 2], "big") for at in (1, 3))
    # An image sent in several scans is held as a whole until the last one has come.
    one_scan = marker in _SEQUENTIAL and block[:1] == size[5:6]
    return ImageHeader("JPEG", width, height, content.find(_JPEG_END, place) >= 0, one_scan)


def decode_image(
    content: bytes, *, grey: bool = False, at_least: int | None = None
) -> NDArray[np.uint8]:
    """Decode the bytes of a PNG or JPEG file.

    Returns (height, width, 3) in the order red, green, blue, or (height, width) where `grey`.
    at_least: where given, a JPEG may come out at a half, a quarter or an eighth of its size, as
    long as both sides keep that many pixels: much faster, and in little memory.
    Raises ImageError where the bytes are no image, cut short, damaged, or more than MOST_PIXELS.
    """
    header = read_header(content)
    if not header.complete:
        raise ImageError(
            f"a {header.kind} file of {header.width} x {header.height} pixels that is cut short "
            f"after {len(content)} bytes: its download perhaps broke off, fetch it again"
        )
    factor = reduction(header, at_least)
    pixels = header.width * header.height // factor**2
    if pixels > MOST_PIXELS:
        remedy = "pass at_least to read it smaller" if header.shrinks else "shrink it beforehand"
        raise ImageError(
            f"a {header.kind} file of {header.width} x {header.height} pixels, and {MOST_PIXELS:,} "
            f"are decoded at most: {remedy}"
        )
    flag = FLAGS[factor, grey] if header.kind == "JPEG" else cv2.IMREAD_UNCHANGED
    try:
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), flag)
    except cv2.error as error:
        raise ImageError(f"OpenCV cannot decode this {header.kind}: {error.err}") from error
    if decoded is None:
        raise ImageError(f"a {header.kind} file that is damaged: OpenCV cannot decode it")
    return to_rgb(np.asarray(decoded), grey)


def reduction(header: ImageHeader, at_least: int | None) -> int:
    """The largest factor that leaves both sides long enough."""
    if at_least is None or not header.shrinks:
        return 1
    side = min(header.width, header.height)
    return next((factor for factor in (8, 4, 2) if side >= factor * at_least), 1)


def to_rgb(pixels: NDArray, grey: bool) -> NDArray[np.uint8]:
    """Whatever OpenCV decoded, as bytes in the order red, green, blue, or as grey."""
    if pixels.dtype == np.uint16:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)  # 65535 becomes 255; it rounds
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = over_white(pixels)
    if pixels.ndim == 2:
        pixels = pixels if grey else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    else:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if grey else cv2.COLOR_BGR2RGB)
    return np.asarray(pixels, dtype=np.uint8)


def over_white(pixels: NDArray) -> NDArray[np.uint8]:
    """Lay an image (height, width, 4) over white: alpha 0 is white, 255 is the image."""
    alpha = pixels[..., 3:].astype(np.uint16)
    mixed = pixels[..., :3] * alpha + 255 * (255 - alpha)  # at most 255 · 255, which 16 bits hold
    return ((mixed + 127) // 255).astype(np.uint8)


def read_image(
    path: Path | str, *, grey: bool = False, at_least: int | None = None
) -> NDArray[np.uint8]:
    """Read an image file; what it returns and takes is as in `decode_image`.

    Raises ImageError, with the name of the file, also where it is missing.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ImageError(f"cannot read the image {path}: {error.strerror}") from error
    try:
        return decode_image(content, grey=grey, at_least=at_least)
    except ImageError as error:
        raise ImageError(f"cannot read the image {path}: {error}") from error


def read_images(paths: Iterable[Path | str], size: int, *, fit: str = "stretch") -> Tensor:
    """Decode and resize many image files at once, on all processors.

    size: rows and columns of the result. fit: a name of `images.transforms.FITS`, how images of
    other shapes become square: "stretch", "crop" or "letterbox" (over black).
    JPEGs are decoded at no less than twice the size, so that resizing decides how they look.
    Returns (n, 3, size, size) uint8. Raises ImageError for the first file that cannot be read.
    """
    names = list(paths)
    if fit not in FITS:
        raise ImageError(f"there is no fit {fit!r}; there are {', '.join(FITS)}")
    if size < 1:
        raise ImageError(f"the size must be at least 1, got {size}")
    images = torch.empty(len(names), 3, size, size, dtype=torch.uint8)

    def read(place: int) -> None:
        pixels = FITS[fit](read_image(names[place], at_least=2 * size), size)
        images[place] = torch.from_numpy(pixels).movedim(-1, 0)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # OpenCV lets go of Python's lock
        try:
            for _ in pool.map(read, range(len(names))):
                pass
        except ImageError:
            pool.shutdown(cancel_futures=True)
            raise
    return images


def find_broken(paths: Iterable[Path | str]) -> dict[Path, str]:
    """Which image files cannot be read, and why; each is decoded once, many at a time."""

    def reason(path: Path) -> str | None:
        try:
            read_image(path, at_least=1)
        except ImageError as error:
            return str(error)
        return None

    names = [Path(path) for path in paths]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reasons = pool.map(reason, names)
        return {path: why for path, why in zip(names, reasons, strict=True) if why is not None}

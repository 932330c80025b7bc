"""Step 1 for images, its beginning: bytes become pixels, and a folder becomes one tensor.

What a file may hold is decided here once. Images are turned as their camera noted (EXIF), grey
becomes three equal channels, 16 bits become 8, and what is transparent is laid over white. Other
kinds than PNG and JPEG are refused.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.files import check_file
from mmbook.preprocessing.images.headers import ImageHeader, read_header
from mmbook.preprocessing.images.transforms import FITS, ImageError

# More are not decoded: 2^26 pixels, a square of 8192, take 200 MB as three bytes each.
MOST_PIXELS = 2**26

# How an image is turned back, by the number that a camera wrote into its EXIF notes.
TURNS: dict[int, Callable[[NDArray], NDArray]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}


def decode_image(
    content: bytes, *, grey: bool = False, at_least: int | None = None
) -> NDArray[np.uint8]:
    """Decode the bytes of a PNG or JPEG file.

    Returns (height, width, 3) in the order red, green, blue, or (height, width) where `grey`.
    at_least: where given, a JPEG may come out at a half, a quarter or an eighth of its size, as
    long as both sides keep that many pixels: much faster, and in little memory.
    Raises ImageError where the bytes are no image, cut short, damaged, or more than MOST_PIXELS.
    A PNG holds checksums, a JPEG none: its damage is found where the number of its squares comes
    out wrong. A changed byte seldom changes that. A cut out of the middle leaves a JPEG like any
    other where the code falls into step again: of 20 bytes often, of 200 seldom, of 1000 hardly.
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
    if header.kind == "JPEG":
        decoded = decode_jpeg(content, header, factor, grey)
    else:
        decoded = to_rgb(decode_png(content, header), grey)
    turn = TURNS.get(header.orientation)
    return np.ascontiguousarray(turn(decoded)) if turn else decoded


def decode_jpeg(content: bytes, header: ImageHeader, factor: int, grey: bool) -> NDArray[np.uint8]:
    """Decode a JPEG by libjpeg-turbo, whose warnings that data are damaged count as errors here."""
    height, width = (-(-side // factor) for side in (header.height, header.width))
    try:
        decoded = simplejpeg.decode_jpeg(
            content, "GRAY" if grey else "RGB", min_height=height, min_width=width
        )
    except ValueError as error:
        raise ImageError(f"a JPEG file that is damaged: {error}") from error
    return decoded[..., 0] if grey else decoded


def decode_png(content: bytes, header: ImageHeader) -> NDArray:
    """Decode a PNG by OpenCV: (height, width), or with 3 or 4 channels; 8 or 16 bits."""
    try:
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ImageError(f"OpenCV cannot decode this PNG: {error.err}") from error
    if decoded is None:
        raise ImageError("a PNG file that is damaged: OpenCV cannot decode it")
    pixels = np.asarray(decoded)
    if pixels.ndim == 2 and header.transparent is not None:  # a shade that OpenCV passes over
        alpha = np.full_like(pixels, np.iinfo(pixels.dtype.name).max)
        alpha[pixels == header.transparent] = 0
        pixels = np.stack([pixels, pixels, pixels, alpha], axis=-1)
    return pixels


def reduction(header: ImageHeader, at_least: int | None) -> int:
    """The largest factor that leaves both sides long enough."""
    if at_least is None or not header.shrinks:
        return 1
    side = min(header.width, header.height)
    return next((factor for factor in (8, 4, 2) if side >= factor * at_least), 1)


def to_rgb(pixels: NDArray, grey: bool) -> NDArray[np.uint8]:
    """Whatever OpenCV decoded, uint8 or uint16, as bytes: red, green and blue, or grey."""
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ImageError(f"decoded pixels must be uint8 or uint16, got {pixels.dtype}")
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = over_white(pixels)
    if pixels.dtype == np.uint16:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)  # 65535 becomes 255; it rounds
    if pixels.ndim == 2:
        pixels = pixels if grey else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    else:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if grey else cv2.COLOR_BGR2RGB)
    return np.asarray(pixels, dtype=np.uint8)


def over_white(pixels: NDArray) -> NDArray:
    """Lay an image (height, width, 4) over white: alpha 0 is white, the highest the image.

    Returns (height, width, 3) of the same type. Raises ImageError where it is not uint8 or uint16.
    """
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ImageError(f"pixels must be uint8 or uint16, got {pixels.dtype}")
    white = np.iinfo(pixels.dtype.name).max
    alpha = pixels[..., 3:].astype(np.uint16 if white == 255 else np.uint32)  # hold its square
    mixed = pixels[..., :3] * alpha + white * (white - alpha)
    return ((mixed + white // 2) // white).astype(pixels.dtype)


def read_image(
    path: Path | str, *, grey: bool = False, at_least: int | None = None
) -> NDArray[np.uint8]:
    """Read an image file; what it returns and takes is as in `decode_image`.

    Raises ImageError, with the name of the file, also where it is missing.
    """
    try:
        content = check_file(Path(path), ImageError).read_bytes()
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

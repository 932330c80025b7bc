"""What an image file says of itself before anything is decoded: its kind, its size, its notes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from mmbook.preprocessing.images.transforms import ImageError

_PNG, _JPEG, _JPEG_END = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd9"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG markers that carry the size
_SCAN, _NOTES, _SEQUENTIAL = 0xDA, 0xE1, (0xC0, 0xC1)
_EXIF, _ORIENTATION = b"Exif\0\0", 0x112


@dataclass(frozen=True)
class ImageHeader:
    """What a file says about its image before anything is decoded.

    width, height: in pixels, before a photograph is turned. complete: whether its end is there.
    shrinks: whether the decoder can make a smaller image without ever holding the large one.
    orientation: 1 to 8, how the camera was held (EXIF); 1 is upright.
    transparent: the decoded value of the one shade of a grey PNG that is transparent, if one is.
    """

    kind: str
    width: int
    height: int
    complete: bool
    shrinks: bool
    orientation: int = field(default=1, repr=False)
    transparent: int | None = field(default=None, repr=False)


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
    blocks = {kind: content[start:end] for kind, start, end in _png_blocks(content)}
    size = blocks.get(b"IHDR", b"")
    if content[12:16] != b"IHDR" or len(size) < 13:
        return None
    width, height = (int.from_bytes(size[at : at + 4], "big") for at in (0, 4))
    depth, colour = size[8:10]
    transparent = None
    if colour == 0 and len(blocks.get(b"tRNS", b"")) == 2:
        highest = 2**depth - 1
        value = int.from_bytes(blocks[b"tRNS"], "big") & highest
        transparent = value if depth >= 8 else value * 255 // highest
    orientation = _orientation(blocks.get(b"eXIf", b""))
    return ImageHeader("PNG", width, height, b"IEND" in blocks, False, orientation, transparent)


def _png_blocks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each block and where its data begin and end; the pixels' own data are left out.

    Each block is its length, its kind, its data and four bytes of checksum.
    """
    place = len(_PNG)
    while place + 12 <= len(content):
        start = place + 8
        end = start + int.from_bytes(content[place : place + 4], "big")
        kind = content[place + 4 : start]
        if kind != b"IDAT":
            yield kind, start, end
        place = end + 4


def _jpeg_header(content: bytes) -> ImageHeader | None:
    """Walk from marker to marker: each block says its length, one of them holds the size."""
    place, frame, notes = 2, None, b""
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
        if marker == _NOTES and block.startswith(_EXIF):
            notes = notes or block.removeprefix(_EXIF)
        place += 2 + length
    else:
        return None
    if frame is None:
        return None
    marker, size = frame
    height, width = (int.from_bytes(size[at : at + 2], "big") for at in (1, 3))
    # An image sent in several scans is held as a whole until the last one has come.
    one_scan = marker in _SEQUENTIAL and block[:1] == size[5:6]
    complete = content.find(_JPEG_END, place) >= 0
    return ImageHeader("JPEG", width, height, complete, one_scan, _orientation(notes))


def _orientation(exif: bytes) -> int:
    """How the camera was held, 1 to 8; 1 where the notes, which are a small TIFF, say nothing."""
    orders: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}
    order = orders.get(exif[:2])
    if order is None:
        return 1
    start = int.from_bytes(exif[4:8], order)
    entries = int.from_bytes(exif[start : start + 2], order)
    for place in range(start + 2, min(start + 2 + 12 * entries, len(exif)), 12):
        if int.from_bytes(exif[place : place + 2], order) == _ORIENTATION:
            value = int.from_bytes(exif[place + 8 : place + 10], order)
            return value if 1 <= value <= 8 else 1
    return 1

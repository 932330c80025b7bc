"""A picture of a long sound: time to the right, frequency upwards, drawn while it goes by."""

import struct
import zlib
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmbook.preprocessing.audio.faults import HOP
from mmbook.preprocessing.audio.spectrogram import cosine_window, power

SIZE = 256  # samples of a frame, which gives 129 rows
WIDTH = 400  # columns; a longer sound has up to twice as many, each the mean of several frames
RANGE = 70.0  # decibels from the strongest to what is black
LOUD = -34.0  # decibels that count as the strongest where nothing is: the loudest tone has 36
COLOURS = 32  # few, so that the file is small


class Spectrogram:
    """The spectrogram of blocks that pass through `watch`, in bounded memory.

    Frames lie as those of `preprocessing.audio.spectrogram.frame`, HOP samples apart.
    per: frames in a column. frames: how many there were.
    """

    def __init__(self) -> None:
        self.per, self.frames = 1, 0
        self._columns = self._waiting = torch.empty(0, SIZE // 2 + 1)
        self._samples = torch.zeros(SIZE // 2)  # what the next frames need of the past

    def watch(self, blocks: Iterable[Tensor]) -> Iterator[Tensor]:
        """The same blocks, (samples,) each, which are added while they pass."""
        for block in blocks:
            self._add(block)
            yield block
        self._add(torch.zeros(SIZE // 2))

    def columns(self) -> Tensor:
        """The mean power in each column, (columns, 129)."""
        rest = [self._waiting.mean(dim=0, keepdim=True)] if len(self._waiting) else []
        return torch.cat([self._columns, *rest])

    def png(self) -> bytes:
        """The picture as a PNG file, a pixel a column and row."""
        decibels = 10 * self.columns().clamp(min=1e-12).log10()
        shade = 1 + (decibels - decibels.max().clamp(min=LOUD)) / RANGE  # 1 is the strongest
        levels = (shade.clamp(0, 1) * (COLOURS - 1)).round().byte()
        return indexed_png(levels.T.flip(0).contiguous().numpy())

    def _add(self, samples: Tensor) -> None:
        held = torch.cat([self._samples, samples])
        count = max(0, (len(held) - SIZE) // HOP + 1)
        self._samples = held[count * HOP :].clone()
        if not count:
            return
        self.frames += count
        frames = held.unfold(0, SIZE, HOP) * cosine_window(SIZE)  # (count, SIZE)
        self._waiting = torch.cat([self._waiting, power(torch.fft.rfft(frames))])
        self._pool()
        while len(self._columns) > 2 * WIDTH:
            pairs = len(self._columns) // 2
            odd = self._columns[2 * pairs :].repeat(self.per, 1)  # as frames again, if there is one
            self._columns = self._columns[: 2 * pairs].unflatten(0, (pairs, 2)).mean(dim=1)
            self._waiting = torch.cat([odd, self._waiting])
            self.per *= 2
            self._pool()

    def _pool(self) -> None:
        """Make columns of the frames that wait, as far as there are enough for one."""
        count = len(self._waiting) // self.per
        frames = self._waiting[: count * self.per].unflatten(0, (count, self.per))
        self._columns = torch.cat([self._columns, frames.mean(dim=1)])
        self._waiting = self._waiting[count * self.per :].clone()


def indexed_png(levels: NDArray[np.uint8]) -> bytes:
    """A PNG file of levels (height, width) in 0 to COLOURS - 1, dark to bright.

    Source: Portable Network Graphics (Third Edition), W3C, colour type 3.
    """
    height, width = levels.shape
    shades = np.linspace(0, 255, COLOURS).round().astype(np.uint8)
    palette = cv2.applyColorMap(shades[:, None], cv2.COLORMAP_MAGMA)[:, 0, ::-1]  # (COLOURS, 3)
    rows = np.pad(levels, ((0, 0), (1, 0)))  # a 0 before each row: it is not filtered
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": palette.tobytes(),
        b"IDAT": zlib.compress(rows.tobytes(), 9),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )

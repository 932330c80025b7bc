"""The two streams that an inspector reads: a log-mel spectrogram, and statistics of the samples."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from mmbook.preprocessing.audio.faults import HOP, RATE
from mmbook.preprocessing.audio.frame_statistics import STATISTICS, frame_statistics
from mmbook.preprocessing.audio.mel import SpectrogramConfig, mel_filterbank
from mmbook.preprocessing.audio.spectrogram import cosine_window, power

Stream = Literal["spectrogram", "statistics"]
FLOOR = 1e-8  # of a band's power: below what 16 bits can say
CENTRE, SPREAD = -8.0, 5.0  # of logarithms of it, of speech, about: fixed, so that levels remain
LEVEL = 2.0  # what is added to logarithms of levels
OWN = HOP + 2  # samples of a frame that no neighbour has, and two for its differences


class FrameFeatures(nn.Module):
    """Frames of samples become what the streams show of them.

    frames: (..., window), of which the middle HOP samples are the frame's own. Returns {stream:
    (..., features)}: `mels` bands of a spectrogram, or ten statistics of its own samples. No frame
    is compared with another, so a recording's level is never taken away.
    Raises AudioError where the bands are too narrow for the window.
    """

    window: Tensor
    bank: Tensor

    def __init__(self, streams: Sequence[Stream], window: int, mels: int) -> None:
        super().__init__()
        self.streams, self.size = tuple(streams), window
        self.widths = {"spectrogram": mels, "statistics": len(STATISTICS)}
        config = SpectrogramConfig(RATE, window, HOP, mels, FLOOR)
        self.register_buffer("window", cosine_window(window), persistent=False)
        self.register_buffer("bank", mel_filterbank(config), persistent=False)  # (mels, bins)

    def forward(self, frames: Tensor) -> dict[str, Tensor]:
        with torch.autocast(frames.device.type, enabled=False):
            return {stream: getattr(self, stream)(frames) for stream in self.streams}

    def spectrogram(self, frames: Tensor) -> Tensor:
        """Logarithms of the power in mel bands, (..., mels)."""
        bands = power(torch.fft.rfft(frames * self.window)) @ self.bank.T
        return (bands.clamp(min=FLOOR).log() - CENTRE) / SPREAD

    def power(self, frames: Tensor) -> Tensor:
        """Mean squares of each frame's own samples, (...,)."""
        first = (self.size - HOP) // 2
        return frames[..., first : first + HOP].square().mean(dim=-1)

    def statistics(self, frames: Tensor) -> Tensor:
        """See `frame_statistics`, (..., 10)."""
        first = (self.size - OWN) // 2
        found = frame_statistics(frames[..., first : first + OWN])
        levels = found.new_tensor([LEVEL * (name in ("level", "peak")) for name in STATISTICS])
        return found + levels

"""From waveform to MFCC: each step, to compare what it is worth."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.mel import (
    SpectrogramConfig,
    log_mel_spectrogram,
    mel_filterbank,
    mfcc,
    normalise_bands,
)
from mmbook.preprocessing.audio.spectrogram import cosine_window, power, stft
from mmbook.preprocessing.ranges import check_floating

SPECTROGRAM = SpectrogramConfig(rate=8_000)


def stretch(frames: Tensor, count: int) -> Tensor:
    """Bring (frames, width) to (count, width), by linear interpolation over time.

    Raises AudioError where the frames are not floating point.
    """
    check_floating(frames, "frames", AudioError)
    return F.interpolate(frames.T[None], size=count, mode="linear")[0].T


def _spectrum(clip: Tensor) -> Tensor:
    """The power of each frequency in each frame, (frames, bins)."""
    window = cosine_window(SPECTROGRAM.n_fft)
    return power(stft(clip[None], window, SPECTROGRAM.hop))[0, : len(clip) // SPECTROGRAM.hop]


def _log_mel(clip: Tensor) -> Tensor:
    return log_mel_spectrogram(clip[None], SPECTROGRAM)  # (1, frames, mels)


# A mel filter's weights add up to n_fft / rate, so this is the same floor before the filters.
_POWER_FLOOR = SPECTROGRAM.floor * SPECTROGRAM.rate / SPECTROGRAM.n_fft
# Each step of the ladder: a clip (samples,) becomes (frames, width).
FEATURES: dict[str, Callable[[Tensor], Tensor]] = {
    "waveform": lambda clip: clip[:, None],
    "power STFT": _spectrum,
    "mel power": lambda clip: _spectrum(clip) @ mel_filterbank(SPECTROGRAM).T,
    "log STFT": lambda clip: _spectrum(clip).clamp(min=_POWER_FLOOR).log(),
    "log-mel": lambda clip: _log_mel(clip)[0],
    "log-mel minus mean": lambda clip: normalise_bands(_log_mel(clip))[0],
    "MFCC": lambda clip: mfcc(_log_mel(clip))[0],
    "MFCC minus mean": lambda clip: normalise_bands(mfcc(_log_mel(clip)))[0],
}


def features(name: str, clips: list[Tensor], frames: int) -> Tensor:
    """One row of numbers a clip, (n, numbers): a step of the ladder, stretched to `frames`.

    The waveform, which has no frames, is stretched to as many samples as they would have.
    """
    count = frames * SPECTROGRAM.hop if name == "waveform" else frames
    return torch.stack([stretch(FEATURES[name](clip), count).flatten() for clip in clips])

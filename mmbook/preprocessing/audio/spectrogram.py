"""Sound over time and frequency: frames, windows, the Fourier transform of each, and back."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_waveforms

HANN, HAMMING, RECTANGLE = 0.5, 0.54, 1.0


def cosine_window(size: int, middle: float = HANN, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """The weights that fade a frame in and out, a - (1 - a) cos(2 pi n / size), (size,).

    middle: a, the mean of the weights; HANN, HAMMING, or RECTANGLE for all ones. The period is
    `size`, so that overlapping windows add up to a constant. Source: Harris 1978.
    """
    if size < 1:
        raise ValueError(f"a window has at least one sample, got {size}")
    turns = torch.arange(size, dtype=dtype) * (2 * math.pi / size)
    return turns.cos() * (middle - 1) + middle


def frame(waveforms: Tensor, size: int, hop: int) -> Tensor:
    """Cut waveforms into overlapping frames; frame t is centred on sample t * hop.

    The ends are padded with zeros, so that the first and last samples are in a middle too.
    waveforms: (n, samples). Returns (n, samples // hop + 1, size) for an even size, a view; for
    an odd one (n, (samples - 1) // hop + 1, size), since nothing is left of a middle at the end.
    Raises AudioError where the waveforms are unusable, ValueError where size or hop is.
    """
    check_waveforms(waveforms)
    if size < 1 or hop < 1:
        raise ValueError(f"size and hop must be at least 1, got {size} and {hop}")
    return F.pad(waveforms, (size // 2, size // 2)).unfold(-1, size, hop)


def stft(waveforms: Tensor, window: Tensor, hop: int) -> Tensor:
    """The short-time Fourier transform: which frequencies, how strong, in which phase, and when.

    X[t, k] = sum over n of w[n] x[t hop + n - size / 2] exp(-2 pi i k n / size)
    waveforms: (n, samples). window: (size,) weights. Returns complex (n, frames, size // 2 + 1),
    frames as in `frame`; bin k is at k * rate / size Hz. Source: Allen 1977.
    """
    frames = frame(waveforms, len(window), hop)  # (n, frames, size)
    return torch.fft.rfft(frames * window.to(waveforms))


def inverse_stft(spectrum: Tensor, window: Tensor, hop: int, samples: int) -> Tensor:
    """The waveforms whose short-time Fourier transform is nearest to the spectrum.

    Frames are transformed back, weighted by the window again, added up where they overlap, and
    divided by the sum of the squared windows (Griffin and Lim 1984); exact for what `stft` gives.
    spectrum: (n, frames, bins). window, hop: those of `stft`. Returns (n, samples).
    Raises AudioError where window and hop leave a sample without weight, or frames are too few.
    """
    size = len(window)
    if (
        spectrum.ndim != 3
        or not spectrum.is_complex()
        or hop < 1
        or spectrum.shape[2] != size // 2 + 1
    ):
        raise AudioError(
            f"the spectrum must be complex (n, frames, {size // 2 + 1} bins) for a window of {size}"
            f" and the hop at least 1, got {spectrum.dtype} {tuple(spectrum.shape)} and {hop}"
        )
    count = spectrum.shape[1]
    frames = torch.fft.irfft(spectrum, n=size)  # (n, frames, size)
    weights = window.to(frames)
    total = _overlap_add(frames * weights, hop)
    weight = _overlap_add(weights.square().expand(1, count, size), hop)
    kept = slice(size // 2, size // 2 + samples)
    if total.shape[1] < kept.stop or not (weight[:, kept] > 1e-8).all():
        raise AudioError(
            f"{count} frames of {size} samples with the hop {hop} do not determine {samples} "
            "samples: use more frames, or a hop below the window's size"
        )
    return total[:, kept] / weight[:, kept]


def _overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Put frames back to their places and add them up, (n, frames, size) -> (n, samples)."""
    _, count, size = frames.shape
    length = (count - 1) * hop + size
    places = {"output_size": (1, length), "kernel_size": (1, size), "stride": (1, hop)}
    return F.fold(frames.mT, **places)[:, 0, 0]  # (n, 1, 1, length) -> (n, length)


def power(spectrum: Tensor) -> Tensor:
    """The squared magnitude of a complex spectrum: how strong, without the phase."""
    if not spectrum.is_complex():
        raise AudioError(f"a spectrum is complex, not {spectrum.dtype}")
    return spectrum.real.square() + spectrum.imag.square()

"""Sound as an ear has it: few bands on the mel scale, logarithms of power, and their cosines."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms
from mmbook.preprocessing.audio.spectrogram import cosine_window, power, stft
from mmbook.preprocessing.ranges import check_floating, check_mask


@dataclass(frozen=True)
class SpectrogramConfig:
    """How a waveform is cut into frames and frames into mel bands.

    rate: samples a second. n_fft: samples in a window. hop: samples between two frames.
    mels: number of bands. floor: power below which everything counts as silence.
    """

    rate: int = 8000
    n_fft: int = 400
    hop: int = 200
    mels: int = 40
    floor: float = 1e-2

    def __post_init__(self) -> None:
        check_rate(self.rate)
        if not 0 < self.hop <= self.n_fft:
            raise ValueError(f"hop must lie in 1..n_fft={self.n_fft}, got {self.hop}")
        if not 0 < self.mels <= self.n_fft // 2:
            raise ValueError(f"mels must lie in 1..n_fft/2={self.n_fft // 2}, got {self.mels}")
        if not 0 < self.floor < math.inf:
            raise ValueError(f"floor must be positive and finite, got {self.floor}")


def hertz_to_mel(hertz: Tensor) -> Tensor:
    """Slaney's mel scale: linear up to 1000 Hz, logarithmic above (Auditory Toolbox, 1998)."""
    hertz = hertz * 1.0  # a byte would not reach the bend at 1000
    above = 15 + 27 * torch.log(hertz.clamp(min=1.0) / 1000) / math.log(6.4)
    return torch.where(hertz < 1000, hertz * 3 / 200, above)


def mel_to_hertz(mel: Tensor) -> Tensor:
    """The inverse of `hertz_to_mel`."""
    mel = mel * 1.0
    above = 1000 * torch.exp((mel - 15) * math.log(6.4) / 27)
    return torch.where(mel < 15, mel * 200 / 3, above)


def mel_filterbank(config: SpectrogramConfig, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Triangular filters, equally spaced in mel from 0 Hz to half the rate, each of unit area.

    Returns (mels, n_fft // 2 + 1); the same as `librosa.filters.mel`.
    Raises AudioError where bands are so narrow that one holds no frequency of the transform.
    """
    nyquist = torch.tensor(config.rate / 2, dtype=torch.float64)
    edges = mel_to_hertz(
        torch.linspace(0, 1, config.mels + 2, dtype=torch.float64) * hertz_to_mel(nyquist)
    )
    left, centre, right = (edges[i : i + config.mels, None] for i in range(3))  # (mels, 1)
    step = config.rate / config.n_fft  # Hz; the last one is half the rate only for an even n_fft
    bins = torch.arange(config.n_fft // 2 + 1, dtype=torch.float64) * step
    rising = (bins - left) / (centre - left)  # (mels, bins)
    falling = (right - bins) / (right - centre)
    triangles = torch.minimum(rising, falling).clamp(min=0)
    empty = int((triangles.sum(dim=1) == 0).sum())
    if empty:
        raise AudioError(
            f"{empty} of {config.mels} mel bands hold no frequency: n_fft={config.n_fft} gives one "
            f"every {config.rate / config.n_fft:.1f} Hz; use fewer bands or a longer window"
        )
    return (triangles * 2 / (right - left)).to(dtype)


def log_mel_spectrogram(waveforms: Tensor, config: SpectrogramConfig | None = None) -> Tensor:
    """The natural logarithm of the power in each mel band of each frame.

    Frame t is centred on sample t * hop; the ends are padded with zeros.
    waveforms: (n, samples). Returns (n, samples // hop, mels).
    Raises AudioError where the waveforms are not finite, or shorter than one hop.
    """
    config = config or SpectrogramConfig()
    check_waveforms(waveforms, config.hop)
    window = cosine_window(config.n_fft, dtype=waveforms.dtype)
    frames = waveforms.shape[1] // config.hop  # one more would be half padding
    spectrum = stft(waveforms, window, config.hop)[:, :frames]  # (n, frames, bins)
    bank = mel_filterbank(config, dtype=waveforms.dtype).to(waveforms.device)
    mel = power(spectrum) @ bank.T  # (n, frames, mels)
    return mel.clamp(min=config.floor).log()


def normalise_bands(log_mel: Tensor, mask: Tensor | None = None) -> Tensor:
    """Subtract from each mel band its mean over time: cepstral mean normalisation.

    A microphone, a louder voice and steady noise add a constant to the log of a band, so what
    is left is what changes, the speech. log_mel: (n, frames, mels), and the same returned.
    mask: (n, frames) boolean, true where a frame is real; the others become zero.
    Source: Atal 1974.
    """
    check_floating(log_mel, "log-mel spectrograms", AudioError)
    if mask is None:
        return log_mel - log_mel.mean(dim=1, keepdim=True)
    real = check_mask(mask, tuple(log_mel.shape[:2]))[:, :, None]
    total = log_mel.masked_fill(~real, 0).sum(dim=1, keepdim=True)
    means = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return (log_mel - means).masked_fill(~real, 0)


def dct_matrix(mels: int, coefficients: int, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """The orthonormal discrete cosine transform (DCT-II) as a matrix, (coefficients, mels).

    Row k is a cosine of k half waves, so its product with a spectrum says how much of that
    shape is in it. Source: Ahmed, Natarajan and Rao 1974.
    """
    if not 1 <= coefficients <= mels:
        raise ValueError(f"coefficients must lie in 1..{mels}, the bands, got {coefficients}")
    wave = torch.arange(coefficients, dtype=torch.float64)[:, None]
    place = torch.arange(mels, dtype=torch.float64) + 0.5
    rows = torch.cos(math.pi * wave * place / mels) * math.sqrt(2 / mels)
    rows[0] /= math.sqrt(2)
    return rows.to(dtype)


def mfcc(log_mel: Tensor, coefficients: int = 13) -> Tensor:
    """Mel-frequency cepstral coefficients: the cosine transform of each frame's log-mel bands.

    The first ones hold the smooth shape of the spectrum, the mouth; the last its ripples.
    log_mel: (n, frames, mels). Returns (n, frames, coefficients).
    Source: Davis and Mermelstein 1980.
    """
    check_floating(log_mel, "log-mel spectrograms", AudioError)
    matrix = dct_matrix(log_mel.shape[-1], coefficients, dtype=log_mel.dtype)
    return log_mel @ matrix.to(log_mel.device).T


def deltas(features: Tensor, reach: int = 2) -> Tensor:
    """How fast each feature changes: the slope of a line through the frames around each one.

    The ends are repeated. features: (n, frames, width); the same shape is returned.
    reach: frames on either side. Source: Furui 1986.
    """
    if reach < 1:
        raise ValueError(f"reach must be at least one frame, got {reach}")
    check_floating(features, "features", AudioError)
    steps = torch.arange(-reach, reach + 1).to(features)
    padded = F.pad(features.mT, (reach, reach), mode="replicate")  # (n, width, frames + 2 reach)
    windows = padded.unfold(-1, 2 * reach + 1, 1)  # (n, width, frames, 2 reach + 1)
    return (windows @ steps / steps.square().sum()).mT

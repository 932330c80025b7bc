"""Step 1 for sound: a file becomes a waveform, a waveform becomes a log-mel spectrogram."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor


class AudioError(ValueError):
    """A sound that cannot be used; the message says which, why, and what would be right."""


def read_audio(path: Path | str, rate: int) -> Tensor:
    """Read a sound file as one channel; the channels of a stereo file are averaged.

    path: any format that libsndfile reads (WAV, FLAC, Ogg, MP3).
    rate: the sampling rate the file must have, in Hz; nothing is resampled silently.
    Returns (samples,) float32 in [-1, 1].
    Raises AudioError where the file is missing, unreadable, empty, not finite or of another rate.
    """
    try:
        samples, found = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise AudioError(f"cannot read the sound file {path}: {error}") from error
    if len(samples) == 0:
        raise AudioError(f"{path} holds no samples")
    if found != rate:
        raise AudioError(
            f"{path} has {found} samples a second, but {rate} were expected; resample it, for "
            f"example with scipy.signal.resample_poly(samples, {rate}, {found})"
        )
    if not np.isfinite(samples).all():
        raise AudioError(f"{path} holds samples that are NaN or infinite")
    return torch.from_numpy(samples.mean(axis=1))  # (samples, channels) -> (samples,)


def fit_length(clip: Tensor, samples: int) -> Tensor:
    """Cut the middle out of a clip, or pad it with zeros on both sides.

    clip: (..., any number of samples). Returns (..., samples).
    """
    spare = clip.shape[-1] - samples
    if spare >= 0:
        start = spare // 2
        return clip[..., start : start + samples]
    before = -spare // 2
    return torch.nn.functional.pad(clip, (before, -spare - before))


def normalise_level(clip: Tensor, rms: float = 0.1) -> Tensor:
    """Scale clips to one root mean square, so that loudness tells nothing.

    clip: (..., samples). Raises AudioError where a clip is silent.
    """
    return clip * (rms / _audible(clip, "clip").sqrt())


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
        if not 0 < self.hop <= self.n_fft:
            raise ValueError(f"hop must lie in 1..n_fft={self.n_fft}, got {self.hop}")
        if not 0 < self.mels <= self.n_fft // 2:
            raise ValueError(f"mels must lie in 1..n_fft/2={self.n_fft // 2}, got {self.mels}")
        if not self.floor > 0:
            raise ValueError(f"floor must be positive, got {self.floor}")


def hertz_to_mel(hertz: Tensor) -> Tensor:
    """Slaney's mel scale: linear up to 1000 Hz, logarithmic above (Auditory Toolbox, 1998)."""
    above = 15 + 27 * torch.log(hertz.clamp(min=1.0) / 1000) / math.log(6.4)
    return torch.where(hertz < 1000, hertz * 3 / 200, above)


def mel_to_hertz(mel: Tensor) -> Tensor:
    """The inverse of `hertz_to_mel`."""
    above = 1000 * torch.exp((mel - 15) * math.log(6.4) / 27)
    return torch.where(mel < 15, mel * 200 / 3, above)


def mel_filterbank(config: SpectrogramConfig) -> Tensor:
    """Triangular filters, equally spaced in mel from 0 Hz to half the rate, each of unit area.

    Returns (mels, n_fft // 2 + 1) float32; the same as `librosa.filters.mel`.
    """
    nyquist = torch.tensor(config.rate / 2, dtype=torch.float64)
    edges = mel_to_hertz(
        torch.linspace(0, 1, config.mels + 2, dtype=torch.float64) * hertz_to_mel(nyquist)
    )
    left, centre, right = (edges[i : i + config.mels, None] for i in range(3))  # (mels, 1)
    bins = torch.linspace(0, 1, config.n_fft // 2 + 1, dtype=torch.float64) * nyquist
    rising = (bins - left) / (centre - left)  # (mels, bins)
    falling = (right - bins) / (right - centre)
    triangles = torch.minimum(rising, falling).clamp(min=0)
    return (triangles * 2 / (right - left)).float()


def log_mel_spectrogram(waveforms: Tensor, config: SpectrogramConfig | None = None) -> Tensor:
    """The natural logarithm of the power in each mel band of each frame.

    Frame t is centred on sample t * hop; the ends are padded with zeros.
    waveforms: (n, samples). Returns (n, samples // hop, mels).
    Raises AudioError where the waveforms are not finite, or shorter than one hop.
    """
    config = config or SpectrogramConfig()
    if waveforms.ndim != 2 or waveforms.shape[1] < config.hop:
        raise AudioError(
            f"waveforms must be (n, at least {config.hop} samples), got {tuple(waveforms.shape)}"
        )
    if not torch.isfinite(waveforms).all():
        raise AudioError("the waveforms hold samples that are NaN or infinite")
    spectrum = torch.stft(
        waveforms,
        config.n_fft,
        config.hop,
        window=torch.hann_window(config.n_fft, device=waveforms.device),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )  # (n, bins, samples // hop + 1)
    spectrum = spectrum.mT[:, :-1]  # (n, frames, bins); the last frame would be half padding
    power = spectrum.real.square() + spectrum.imag.square()
    mel = power @ mel_filterbank(config).to(power).T  # (n, frames, mels)
    return mel.clamp(min=config.floor).log()


def normalise_bands(log_mel: Tensor) -> Tensor:
    """Subtract from each mel band its mean over time: cepstral mean normalisation.

    A microphone, a louder voice and steady noise add a constant to the log of a band, so what
    is left is what changes, the speech. log_mel: (n, frames, mels), and the same returned.
    Source: Atal 1974.
    """
    return log_mel - log_mel.mean(dim=1, keepdim=True)


def change_speed(clips: Tensor, factor: float | Tensor) -> Tensor:
    """Play clips faster or slower about their middle, which raises or lowers the voice too.

    clips: (n, samples); factor: above 1 is faster, scalar or (n,). What lies beyond the ends is
    silence; values between samples are interpolated linearly. Returns (n, samples).
    Raises AudioError unless every factor is positive. Source: Ko et al. 2015.
    """
    n, samples = clips.shape
    factors = torch.as_tensor(factor, dtype=clips.dtype, device=clips.device).expand(n)[:, None]
    if not (factors > 0).all():
        raise AudioError(f"a speed must be positive, got {float(factors.min())}")
    middle = (samples - 1) / 2
    places = (
        torch.arange(samples, device=clips.device) - middle
    ) * factors + middle  # (n, samples)
    before = places.floor().long()
    beyond = (places < 0) | (places > samples - 1)
    low = clips.gather(1, before.clamp(0, samples - 1))
    high = clips.gather(1, (before + 1).clamp(0, samples - 1))
    return torch.lerp(low, high, places - before).masked_fill(beyond, 0)


def mix_at_snr(speech: Tensor, noise: Tensor, snr_db: float | Tensor) -> Tensor:
    """Add noise to speech, scaled so that their powers stand in the given ratio.

    The speech keeps its level. speech, noise: (n, samples); snr_db: decibels, scalar or (n,).
    Returns (n, samples). Raises AudioError where speech or noise is silent or their shapes differ.
    """
    wanted = torch.as_tensor(snr_db, dtype=speech.dtype, device=speech.device)
    ratio = measure_snr(speech, noise) - wanted  # (n,)
    return torch.addcmul(speech, noise, (10 ** (ratio / 20))[..., None])


def measure_snr(speech: Tensor, noise: Tensor) -> Tensor:
    """The ratio of the power of speech to that of noise, in decibels.

    speech, noise: (n, samples). Returns (n,). Raises AudioError as `mix_at_snr` does.
    """
    if speech.shape != noise.shape:
        raise AudioError(
            f"speech {tuple(speech.shape)} and noise {tuple(noise.shape)} must have one shape"
        )
    powers = _audible(speech, "speech") / _audible(noise, "noise")
    return 10 * powers.squeeze(-1).log10()


def _audible(clip: Tensor, name: str) -> Tensor:
    """The mean power of each clip, (..., 1); raises AudioError where one is silent or empty."""
    power = clip.square().mean(-1, keepdim=True)
    if not (power > 0).all():  # an empty or NaN clip has the power NaN and fails too
        raise AudioError(f"the {name} is silent or not finite: it has no level to scale by")
    return power

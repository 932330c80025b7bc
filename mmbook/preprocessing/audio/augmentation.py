"""Variations of a sound that leave its meaning alone: speed, room, hidden bands and moments."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms
from mmbook.preprocessing.ranges import check_floating, check_setting


def change_speed(clips: Tensor, factor: float | Tensor) -> Tensor:
    """Play clips faster or slower about their middle, which raises or lowers the voice too.

    clips: (n, samples); factor: above 1 is faster, scalar or (n,). What lies beyond the ends is
    silence; values between samples are interpolated linearly. Returns (n, samples).
    Raises AudioError unless every factor is positive and finite. Source: Ko et al. 2015.
    """
    n, samples = check_waveforms(clips).shape
    factors = torch.as_tensor(factor, dtype=clips.dtype, device=clips.device).expand(n)[:, None]
    if not ((factors > 0) & factors.isfinite()).all():
        raise AudioError(f"a speed must be positive and finite, got {factor}")
    middle = (samples - 1) / 2
    places = (
        torch.arange(samples, device=clips.device) - middle
    ) * factors + middle  # (n, samples)
    before = places.floor().long()
    beyond = (places < 0) | (places > samples - 1)
    low = clips.gather(1, before.clamp(0, samples - 1))
    high = clips.gather(1, (before + 1).clamp(0, samples - 1))
    return torch.lerp(low, high, places - before).masked_fill(beyond, 0)


def room_responses(
    n: int, seconds: float | Tensor, rate: int, generator: torch.Generator, *, direct_db: float = 0
) -> Tensor:
    """What a clap sounds like in made-up rooms: itself, then noise that dies away.

    seconds: the reverberation time, in which the tail falls by 60 dB, scalar or (n,).
    direct_db: how far the clap's power lies above that of the whole tail.
    Returns (n, samples of the longest tail). Raises AudioError on a time that is not positive and
    finite, and on decibels that are not finite. Source: Moorer 1979.
    """
    times = torch.as_tensor(seconds, dtype=torch.float32).expand(n)[:, None]  # (n, 1)
    rate = check_rate(rate)
    check_setting(direct_db, "direct_db", error=AudioError)
    if not ((times > 0) & times.isfinite()).all():
        raise AudioError(f"a reverberation time must be positive and finite, got {seconds}")
    samples = int(torch.ceil(times.max() * rate)) + 1
    noise = torch.randn(n, samples, generator=generator, device=generator.device)
    time = torch.arange(samples, device=noise.device) / rate
    tails = noise * 10 ** (-3 * time / times.to(noise))  # 60 dB are a factor of 1000
    tails[:, 0] = 0
    tails *= 10 ** (-direct_db / 20) / tails.square().sum(dim=1, keepdim=True).sqrt()
    tails[:, 0] = 1
    return tails


def reverberate(clips: Tensor, responses: Tensor) -> Tensor:
    """Put clips into rooms: every sample sets off the room's answer to a clap, scaled by it.

    This is a convolution, done as a product of Fourier transforms.
    clips: (n, samples). responses: (n, any number) or (1, any number). Returns (n, samples): what
    rings on after the clip's end is cut.
    """
    check_waveforms(clips)
    check_waveforms(responses)
    size = clips.shape[1] + responses.shape[1] - 1  # so that the end does not wrap to the start
    spectrum = torch.fft.rfft(clips, size) * torch.fft.rfft(responses.to(clips), size)
    return torch.fft.irfft(spectrum, size)[:, : clips.shape[1]]


@dataclass(frozen=True)
class SpecAugmentConfig:
    """How much of a spectrogram is hidden: stripes of at most so many bands and so many frames.

    masks: stripes of each kind. longest: share of the frames that one stripe may cover at most.
    """

    bands: int = 8
    frames: int = 8
    masks: int = 1
    longest: float = 0.25

    def __post_init__(self) -> None:
        for name in ("bands", "frames", "masks"):
            check_setting(getattr(self, name), name, low=0, whole=True)
        check_setting(self.longest, "longest", low=0, high=1)


def spec_augment(log_mel: Tensor, config: SpecAugmentConfig, generator: torch.Generator) -> Tensor:
    """Hide stripes of bands and of frames, other ones in each spectrogram.

    What is hidden becomes the spectrogram's mean, which says nothing. A width is drawn uniformly
    from 0 to the limit, then a place. log_mel: (n, frames, mels), and the same shape is returned.
    Source: Park et al. 2019, without their time warping.
    """
    n, frames, mels = check_floating(log_mel, "log-mel spectrograms", AudioError).shape
    widest = min(config.frames, int(config.longest * frames))
    hidden = torch.zeros(n, frames, mels, dtype=torch.bool, device=log_mel.device)
    for _ in range(config.masks):
        moments = random_stripes(n, frames, widest, generator).to(log_mel.device)
        bands = random_stripes(n, mels, min(config.bands, mels), generator).to(log_mel.device)
        hidden |= moments[:, :, None] | bands[:, None, :]
    return torch.where(hidden, log_mel.mean(dim=(1, 2), keepdim=True), log_mel)


def random_stripes(n: int, length: int, widest: int, generator: torch.Generator) -> Tensor:
    """One stripe in each row, (n, length) boolean."""
    chance = torch.rand(2, n, 1, generator=generator, device=generator.device)
    width = (chance[0] * (widest + 1)).long()
    start = (chance[1] * (length - width + 1)).long()
    place = torch.arange(length, device=chance.device)
    return (start <= place) & (place < start + width)

"""More voices and noises out of a few: played at other speeds, and through other microphones."""

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mmbook.preprocessing.audio.faults import RATE

POINTS = (60.0, 150.0, 350.0, 800.0, 1600.0, 2600.0, 4000.0)  # Hz, between which a curve is drawn
VOICE_SPEED, NOISE_SPEED = 1.15, 2.0  # at most so many times faster or slower
VOICE_DB, NOISE_DB = 4.0, 10.0  # deviation of the curve at each of POINTS
BACKWARDS, BURSTS = 0.5, 0.3  # chances that a noise is
RISE, FALL = (0.005, 0.1), (0.05, 0.4)  # seconds in which a burst rises, and falls to a third
APART = (0.3, 2.0)  # seconds from one burst to the next


def voice_speed(generator: Generator) -> float:
    """How many times faster a voice is played, which makes another one of it."""
    return _speed(VOICE_SPEED, generator)


def other_microphone(clip: Tensor, generator: Generator) -> Tensor:
    """A clip (samples,) as a microphone with another frequency response would have it."""
    return filtered(clip, _curve(VOICE_DB, generator))


def other_noise(clip: Tensor, generator: Generator) -> Tensor:
    """A noise (samples,) at another speed, of another colour, perhaps backwards or in bursts."""
    clip = at_speed(clip, _speed(NOISE_SPEED, generator))
    backwards, bursting = torch.rand(2, generator=generator).tolist()
    if backwards < BACKWARDS:
        clip = clip.flip(0)
    clip = filtered(clip, _curve(NOISE_DB, generator))
    return clip * bursts(len(clip), generator) if bursting < BURSTS else clip


def bursts(samples: int, generator: Generator) -> Tensor:
    """How loud a sound is that comes in bursts, (samples,) in [0, 1]: each rises, then fades."""
    time, found = torch.arange(samples) / RATE, torch.zeros(samples)
    start = 0.0
    while start * RATE < samples:
        rise, fall, apart = (
            low + (high - low) * float(torch.rand((), generator=generator))
            for low, high in (RISE, FALL, APART)
        )
        since = time - start
        shape = (since / rise).clamp(0, 1) * (-(since - rise).clamp(min=0) / fall).exp()
        found = torch.maximum(found, shape)
        start += apart
    return found


def at_speed(clip: Tensor, speed: float) -> Tensor:
    """So many times as fast, and as high: (samples,) to (about samples / speed,)."""
    length = max(1, round(len(clip) / speed))
    return F.interpolate(clip[None, None], length, mode="linear", align_corners=False)[0, 0]


def filtered(clip: Tensor, decibels: Tensor) -> Tensor:
    """Louder or softer by so many decibels at each of POINTS, (7,), and evenly between; as loud."""
    spectrum = torch.fft.rfft(clip)
    octaves = torch.fft.rfftfreq(len(clip), 1 / RATE).clamp(min=POINTS[0]).log2()
    points = torch.tensor(POINTS).log2()
    right = torch.searchsorted(points, octaves).clamp(1, len(POINTS) - 1)
    share = (octaves - points[right - 1]) / (points[right] - points[right - 1])
    curve = torch.lerp(decibels[right - 1], decibels[right], share)
    changed = torch.fft.irfft(spectrum * 10 ** (curve / 20), len(clip))
    before, after = clip.square().sum(), changed.square().sum()
    return changed * (before / after.clamp(min=1e-12)).sqrt()


def _speed(most: float, generator: Generator) -> float:
    return math.exp(math.log(most) * (2 * float(torch.rand((), generator=generator)) - 1))


def _curve(deviation: float, generator: Generator) -> Tensor:
    return deviation * torch.randn(len(POINTS), generator=generator)

"""Sounds to add that need no recording: coloured noise, the hum of mains, many voices, pulses.

Each is (samples,) float32 of unit power, but for pulses, whose peak is 1.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.faults.truth import check_clip
from mmbook.preprocessing.audio.waveforms import normalise_level
from mmbook.preprocessing.ranges import check_setting

LOWEST = 20.0  # Hz; below it a colour rises no further, nobody hears it
MAINS = (50.0, 60.0)  # Hz
SLOPES = {"blue": 3.0, "white": 0.0, "pink": -3.0, "brown": -6.0}  # dB an octave, about
HARMONICS = 12
SWELL = (0.5, 4.0)  # seconds from one swell to the next


def coloured(samples: int, colour: str, generator: Generator) -> Tensor:
    """Noise whose power rises or falls with the frequency as SLOPES says."""
    if colour not in SLOPES:
        raise AudioError(f"there is no noise {colour!r}; there are {', '.join(SLOPES)}")
    check_setting(samples, "samples", low=2, whole=True, error=AudioError)
    noise = torch.randn(samples, generator=generator)
    if not SLOPES[colour]:
        return normalise_level(noise, 1.0)
    frequencies = torch.fft.rfftfreq(samples, 1 / RATE).clamp(min=LOWEST)
    spectrum = torch.fft.rfft(noise) * frequencies ** (SLOPES[colour] / 6)  # 6 dB: amplitude × 2
    return normalise_level(torch.fft.irfft(spectrum, samples), 1.0)


def swelling(samples: int, generator: Generator) -> Tensor:
    """White noise that comes and goes, as waves on a shore: by 20 dB, in 0.5 to 4 seconds."""
    noise = coloured(samples, "white", generator)
    turn, period = torch.rand(2, generator=generator)
    seconds = SWELL[0] + (SWELL[1] - SWELL[0]) * period
    time = torch.arange(samples) / RATE
    swell = torch.sin(2 * torch.pi * (time / seconds + turn))
    return normalise_level(noise * 10 ** (swell / 2), 1.0)


def hum(samples: int, mains: float, generator: Generator) -> Tensor:
    """What leaks from the mains: the tone and its harmonics, each of random strength and phase.

    mains: its frequency in Hz, 50 or 60 (up to one Hz off). The k-th harmonic has an amplitude of
    up to 1 / k, the first always 1.
    """
    check_setting(samples, "samples", low=2, whole=True, error=AudioError)
    check_setting(mains, "mains", error=AudioError)
    if min(abs(mains - usual) for usual in MAINS) > 1:
        raise AudioError(f"mains have 50 or 60 Hz, not {mains}")
    order = torch.arange(1, HARMONICS + 1)
    strength, turn = torch.rand(2, HARMONICS, generator=generator)
    strength[0] = 1
    angle = 2 * torch.pi * (mains * torch.arange(samples, dtype=torch.float64) / RATE)
    phases = order[:, None] * angle + 2 * torch.pi * turn[:, None]  # (harmonics, samples)
    return normalise_level((strength / order) @ torch.sin(phases.float()), 1.0)


def babble(voices: Sequence[Tensor]) -> Tensor:
    """Many people at once: the sum of equally strong voices of one length, (samples,) each.

    Raises AudioError for fewer than three voices, or a silent one.
    """
    if len(voices) < 3:
        raise AudioError(f"babble needs three voices or more, got {len(voices)}")
    if len({len(check_clip(voice, "voice")) for voice in voices}) > 1:
        raise AudioError("the voices of a babble must be of one length")
    return normalise_level(normalise_level(torch.stack(list(voices)), 1.0).sum(dim=0), 1.0)


def pulses(samples: int, places: Tensor, decay: Tensor, sign: Tensor, longest: int) -> Tensor:
    """Clicks: at each place a jump to ±1 that dies away.

    places: (clicks,) samples. decay: (clicks,) in samples, the time to 1 / e. sign: (clicks,) ±1.
    longest: samples after which a click ends.
    """
    time = torch.arange(longest)
    shapes = sign[:, None] * torch.exp(-time / decay[:, None])  # (clicks, longest)
    line = torch.zeros(samples + longest)
    line.index_add_(0, (places[:, None] + time).flatten(), shapes.flatten())
    return line[:samples].clamp(-1, 1)

"""Another sampling rate: remove what the new rate cannot hold, then read between the samples."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms

ZERO_CROSSINGS = 10  # how far the filter reaches, in samples of the lower of the two rates
KAISER_BETA = 5.0  # how fast it fades out; both as in scipy.signal.resample_poly
VALUES_AT_A_TIME = 1 << 17  # so few stay in the processor's cache


def alias(hertz: float, rate: float) -> float:
    """The frequency at which a tone is heard once it is sampled `rate` times a second.

    Anything above half the rate is folded back below it. Source: Shannon 1949.
    """
    if not rate > 0:
        raise AudioError(f"a sampling rate must be positive, got {rate}")
    return abs(hertz - rate * round(hertz / rate))


def resample(waveforms: Tensor, rate: int, new_rate: int) -> Tensor:
    """Bring sound to another sampling rate: a windowed sinc, one set of weights a phase.

    Between samples lies the sum of sinc functions around them (Shannon 1949). The sinc is stretched
    so that it also removes everything above half the lower rate, and is cut off by a Kaiser window;
    output m lies at m * rate / new_rate, so only new_rate / gcd different positions occur.

    waveforms: (..., samples). Returns (..., ceil(samples * new_rate / rate)); the same filter as
    scipy.signal.resample_poly. Raises AudioError where a rate is none or a sample is not finite.
    """
    rate, new_rate = check_rate(rate), check_rate(new_rate)
    shape = waveforms.shape
    lines = check_waveforms(waveforms.reshape(math.prod(shape[:-1]), *shape[-1:]))  # (n, samples)
    if rate == new_rate:
        return waveforms
    up, down = new_rate // math.gcd(rate, new_rate), rate // math.gcd(rate, new_rate)
    weights = phase_weights(up, down).to(lines)  # (up, taps)
    taps = weights.shape[1]
    windows = F.pad(lines, (taps // 2, taps // 2)).unfold(-1, taps, 1)  # (n, samples, taps), a view
    length = -(-lines.shape[1] * up // down)
    place = torch.arange(length, device=lines.device) * down  # in units of 1 / up samples
    block = max(64, VALUES_AT_A_TIME // (taps * max(1, len(lines))))
    pieces = [
        torch.einsum("nmt,mt->nm", windows[:, here // up], weights[here % up])
        for here in place.split(block)
    ]
    resampled = torch.cat(pieces, dim=1)
    return resampled.reshape(*shape[:-1], length)


def phase_weights(up: int, down: int) -> Tensor:
    """The weights of the samples around each position between two of them, (up, taps) float64.

    Row r serves outputs that lie r / up samples after an input sample.
    """
    half = ZERO_CROSSINGS * max(up, down)
    reach = half // up + 1
    samples = torch.arange(reach, -reach - 1, -1)  # the earliest sample is the farthest back
    distance = torch.arange(up)[:, None] + up * samples  # (up, taps), in units of 1 / up samples
    place = distance.double() / half
    window = torch.special.i0(KAISER_BETA * (1 - place**2).clamp(min=0).sqrt())
    weights = torch.sinc(place * ZERO_CROSSINGS) * window * (place.abs() <= 1)
    return weights * (up / weights.sum())

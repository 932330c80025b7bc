"""Another sampling rate: remove what the new rate cannot hold, then read between the samples."""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms

ZERO_CROSSINGS = 10  # how far the filter reaches, in samples of the lower of the two rates
KAISER_BETA = 5.0  # how fast it fades out; both as in scipy.signal.resample_poly
OUTPUTS = 32  # of one matrix: with fewer it multiplies slowly, with more it is mostly zeros
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
    scipy.signal.resample_poly. Raises AudioError where a rate is none (44100.0 is one) or a sample
    is not finite.
    """
    rate, new_rate = check_rate(rate), check_rate(new_rate)
    shape = waveforms.shape
    lines = check_waveforms(waveforms.reshape(math.prod(shape[:-1]), *shape[-1:]))  # (n, samples)
    if rate == new_rate:
        return waveforms
    up, down = new_rate // math.gcd(rate, new_rate), rate // math.gcd(rate, new_rate)
    matrices = [(start, matrix.to(lines)) for start, matrix in phase_matrices(up, down)]
    period = sum(matrix.shape[1] for _, matrix in matrices)  # outputs, made from `step` samples
    step, reach = period * down // up, phase_reach(up, down)
    length = -(-lines.shape[1] * up // down)
    periods = -(-length // period)
    end = (periods - 1) * step + max(start + len(matrix) for start, matrix in matrices)
    padded = F.pad(lines, (reach, max(0, end - reach - lines.shape[1])))
    few = max(1, VALUES_AT_A_TIME // (len(matrices[0][1]) * max(1, len(lines))))
    pieces = []
    for first in range(0, periods, few):
        parts = [  # views (n, periods, samples) of the samples around outputs, times the weights
            padded[:, start:].unfold(1, len(matrix), step)[:, first : first + few] @ matrix
            for start, matrix in matrices
        ]
        pieces.append(torch.cat(parts, dim=2).flatten(1))  # (n, periods · period)
    return torch.cat(pieces, dim=1)[:, :length].reshape(*shape[:-1], length)


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept may be used by gradients later
def phase_matrices(up: int, down: int) -> tuple[tuple[int, Tensor], ...]:
    """The weights of one period of outputs, as matrices, since those are multiplied fast.

    Neighbouring outputs read nearly the same samples, so a few of them are one matrix of shape
    (samples, outputs), float64, with zeros where an output does not read a sample. Returns each
    with the place of its first sample, counted from the earliest that the first output reads.
    """
    weights = phase_weights(up, down)  # (up, taps)
    taps = weights.shape[1]
    few = max(1, min(OUTPUTS, VALUES_AT_A_TIME // taps))
    place = torch.arange(up * max(1, few // up)) * down  # in units of 1 / up samples
    matrices = []
    for here in place.split(few):
        first = here // up  # the first sample that each output reads, (outputs,)
        samples = first[:, None] - first[0] + torch.arange(taps)  # (outputs, taps)
        matrix = weights.new_zeros(len(here), int(samples[-1, -1]) + 1)
        matrix.scatter_(1, samples, weights[here % up])
        matrices.append((int(first[0]), matrix.T.contiguous()))
    return tuple(matrices)


def phase_reach(up: int, down: int) -> int:
    """How many samples before and after its own an output reads."""
    return ZERO_CROSSINGS * max(up, down) // up + 1


def phase_weights(up: int, down: int) -> Tensor:
    """The weights of the samples around each position between two of them, (up, taps) float64.

    Row r serves outputs that lie r / up samples after an input sample.
    """
    half, reach = ZERO_CROSSINGS * max(up, down), phase_reach(up, down)
    samples = torch.arange(reach, -reach - 1, -1)  # the earliest sample is the farthest back
    distance = torch.arange(up)[:, None] + up * samples  # (up, taps), in units of 1 / up samples
    place = distance.double() / half
    window = torch.special.i0(KAISER_BETA * (1 - place**2).clamp(min=0).sqrt())
    weights = torch.sinc(place * ZERO_CROSSINGS) * window * (place.abs() <= 1)
    return weights * (up / weights.sum())

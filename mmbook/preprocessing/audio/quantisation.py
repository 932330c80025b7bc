"""A limited number of levels: what a converter does to a waveform."""

import math

import torch
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.ranges import check_floating

MU = 255.0  # ITU-T G.711


def quantise(waveforms: Tensor, bits: int) -> Tensor:
    """Round samples to the nearest of 2 ** bits levels in [-1, 1); what lies beyond is cut off.

    waveforms: any shape, floating point; the same shape is returned. The error is at most half a
    step, 2 ** -bits, but where it is cut off. Raises AudioError unless bits lie in 2..24, whole.
    """
    if not 2 <= bits <= 24 or bits % 1:
        raise AudioError(f"bits must lie in 2..24, whole, got {bits}")
    check_floating(waveforms, "waveforms", AudioError)
    levels = 2 ** (bits - 1)
    return (waveforms * levels).round().clamp(-levels, levels - 1) / levels


def mu_law(waveforms: Tensor) -> Tensor:
    """Spread small values and squeeze large ones, so that levels lie close where voices are soft.

    waveforms: any shape in [-1, 1]; the same is returned. Source: ITU-T G.711.
    """
    check_floating(waveforms, "waveforms", AudioError)
    _check_within(waveforms)
    return waveforms.sign() * torch.log1p(MU * waveforms.abs()) / math.log1p(MU)


def inverse_mu_law(squeezed: Tensor) -> Tensor:
    """The waveforms whose `mu_law` is given, any shape in [-1, 1]; the same shape."""
    check_floating(squeezed, "squeezed waveforms", AudioError)
    _check_within(squeezed)
    return squeezed.sign() * torch.expm1(squeezed.abs() * math.log1p(MU)) / MU


def _check_within(samples: Tensor) -> None:
    if not (samples.abs() <= 1).all():
        raise AudioError("the mu-law is for samples between -1 and 1, some lie outside or are NaN")

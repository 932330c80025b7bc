"""What every step for sound shares: its error, and the check of a batch of waveforms."""

import torch
from torch import Tensor


class AudioError(ValueError):
    """A sound that cannot be used; the message says which, why, and what would be right."""


def check_waveforms(waveforms: Tensor, shortest: int = 1) -> Tensor:
    """Return a batch of waveforms unchanged if it can be transformed.

    waveforms: (n, samples) floating point, with at least `shortest` samples.
    Raises AudioError where the shape or type is another, or a sample is NaN or infinite.
    """
    shape = tuple(waveforms.shape)
    if waveforms.ndim != 2 or shape[1] < shortest:
        raise AudioError(f"waveforms must be (n, at least {shortest} samples), got {shape}")
    if not waveforms.is_floating_point():
        raise AudioError(
            f"waveforms must be floating point between -1 and 1, got {waveforms.dtype}: "
            "divide 16-bit samples by 32768"
        )
    finite = torch.isfinite(waveforms).all(dim=1)  # (n,)
    if not finite.all():
        first = int((~finite).nonzero()[0])
        raise AudioError(f"waveform {first} of {shape[0]} holds samples that are NaN or infinite")
    return waveforms

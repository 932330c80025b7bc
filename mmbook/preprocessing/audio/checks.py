"""What every step for sound shares: its error, and the checks of rates and waveforms."""

from collections.abc import Sequence
from numbers import Real

import torch
from torch import Tensor

from mmbook.preprocessing.ranges import finite_samples

HIGHEST_RATE = 1 << 20  # no sound is sampled more often; a header that says so is damaged


class AudioError(ValueError):
    """A sound that cannot be used; the message says which, why, and what would be right."""


def check_rate(rate: float) -> int:
    """Return a sampling rate in Hz as a whole number, which 44100.0 and NumPy's numbers are too.

    Raises AudioError where it is none, lies outside 1..HIGHEST_RATE, or is not whole.
    """
    if isinstance(rate, bool) or not isinstance(rate, Real):
        raise AudioError(f"a sampling rate is a number, not {rate!r}")
    if not 0 < rate <= HIGHEST_RATE or rate % 1:
        raise AudioError(f"a sampling rate must lie in 1..{HIGHEST_RATE} Hz, whole, got {rate}")
    return int(rate)


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
    finite = finite_samples(waveforms)
    if not finite.all():
        first = int((~finite).nonzero()[0])
        raise AudioError(f"waveform {first} of {shape[0]} holds samples that are NaN or infinite")
    return waveforms


def check_clips(clips: Sequence[Tensor]) -> None:
    """Raise AudioError, naming the first clip that is no (samples,) of finite numbers, if any is.

    All at once where all are of that kind; one by one only to say which is not.
    """
    alike = all(clip.ndim == 1 and clip.is_floating_point() for clip in clips)
    if alike and finite_samples(torch.cat(list(clips))[None]):
        return
    for place, clip in enumerate(clips):
        try:
            check_waveforms(clip[None])
        except AudioError as error:
            raise AudioError(f"clip {place}: {error}") from error

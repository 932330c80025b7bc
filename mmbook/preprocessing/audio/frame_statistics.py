"""What a spectrogram hides: peaks, flat tops, runs of zeros and jumps in each frame of samples."""

import torch
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError

STATISTICS = (
    "level",
    "peak",
    "offset",
    "at_peak",
    "flat",
    "zeros",
    "slope",
    "slope_crest",
    "bend",
    "bend_crest",
)  # in the order of the last dimension
QUIET = 1e-5  # -100 dB of full scale: what is added before a logarithm
NEARLY = 0.99  # of a frame's peak: a sample above stands at it


def frame_statistics(frames: Tensor) -> Tensor:
    """Ten numbers about the samples of each frame, all of the order of 1.

    level, peak: log10 of the root mean square and of the largest magnitude. offset: the mean by the
    root mean square. at_peak: the share of samples next to the largest magnitude, and flat: those
    among them that equal their neighbour, as where a recording was clipped. zeros: the share next
    to zero, as where a packet was lost. slope, bend: log10 of the root mean squares of the first
    and second difference by that of the samples, and their crests: log10 of the largest by that,
    as where there is a click. frames: (..., samples), three or more. Returns (..., 10).
    Raises AudioError for shorter frames, or whole numbers.
    """
    if frames.shape[-1] < 3 or not frames.is_floating_point():
        raise AudioError(
            f"frames must be (..., three samples or more), floating point, not "
            f"{tuple(frames.shape)} {frames.dtype}"
        )
    size, slope = frames.abs(), frames.diff(dim=-1)
    bend = slope.diff(dim=-1)
    rms, peak = _rms(frames), size.amax(dim=-1)  # (...)
    high = size > NEARLY * peak[..., None] + QUIET
    flat = high[..., 1:] & (slope.abs() < (1 - NEARLY) / 10 * peak[..., None])
    slope_rms, bend_rms = _rms(slope), _rms(bend)
    columns = {
        "level": _log(rms),
        "peak": _log(peak),
        "offset": frames.mean(dim=-1) / (rms + QUIET),
        "at_peak": high.to(frames).mean(dim=-1),
        "flat": flat.to(frames).mean(dim=-1),
        "zeros": (size < QUIET).to(frames).mean(dim=-1),
        "slope": _log(slope_rms) - _log(rms),
        "slope_crest": _log(slope.abs().amax(dim=-1)) - _log(slope_rms),
        "bend": _log(bend_rms) - _log(rms),
        "bend_crest": _log(bend.abs().amax(dim=-1)) - _log(bend_rms),
    }
    return torch.stack([columns[name] for name in STATISTICS], dim=-1)


def _rms(frames: Tensor) -> Tensor:
    return frames.square().mean(dim=-1).sqrt()


def _log(values: Tensor) -> Tensor:
    return (values + QUIET).log10()

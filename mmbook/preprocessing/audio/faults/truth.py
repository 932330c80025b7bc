"""What is damaged, and where: by sample, and by frame as a network reads the sound.

Frame k is centred on sample HOP * k, as in `spectrogram.frame` and in `torch.stft` with
`center=True`. It answers for the HOP samples about its centre, from HOP * k - HOP / 2 on and up to,
not with, HOP * k + HOP / 2; so a sample belongs to one frame at most, and is never more than half a
hop from its centre. (Frames that answered for the samples from HOP * k on would name every fault
half a hop too early.) A clip of n samples has 1 + n // HOP frames. Where n % HOP is more than half
a hop, the few samples behind the last frame's reach belong to none.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_waveforms
from mmbook.preprocessing.audio.faults import HOP
from mmbook.preprocessing.ranges import check_setting


class Damaged(NamedTuple):
    """A waveform with a fault.

    waveform: (samples,) float. active: (samples,) boolean, true where the fault was applied.
    """

    waveform: Tensor
    active: Tensor


def check_clip(clip: Tensor, name: str = "clip") -> Tensor:
    """Return one waveform (samples,) unchanged; raises AudioError unless it is finite and float."""
    if not isinstance(clip, Tensor) or clip.ndim != 1:
        shape = tuple(clip.shape) if isinstance(clip, Tensor) else type(clip).__name__
        raise AudioError(f"the {name} must be one waveform (samples,), got {shape}")
    try:
        return check_waveforms(clip[None])[0]
    except AudioError as error:
        raise AudioError(f"the {name} cannot be used: {error}") from error


def frame_count(samples: int) -> int:
    """How many frames a clip of so many samples has, 1 + samples // HOP."""
    check_setting(samples, "samples", low=1, whole=True, error=AudioError)
    return 1 + samples // HOP


def framed(values: Tensor) -> Tensor:
    """The samples that each frame answers for, (samples,) -> (frames, HOP), zeros beyond the ends.

    Any type of values. Raises AudioError unless they are (at least 1,).
    """
    if values.ndim != 1:
        raise AudioError(f"there must be one value a sample, (samples,), got {tuple(values.shape)}")
    frames = frame_count(len(values))
    after = frames * HOP - HOP // 2 - len(values)  # below zero where samples are left over
    return F.pad(values, (HOP // 2, after)).view(frames, HOP)


def frames_of(active: Tensor) -> Tensor:
    """Frames with at least one active sample, (samples,) boolean -> (frames,) boolean."""
    if active.dtype != torch.bool:
        raise AudioError(f"active samples are boolean, not {active.dtype}")
    return framed(active).any(dim=1)


def samples_of(frames: Tensor, samples: int) -> Tensor:
    """The samples that active frames answer for, (frames,) -> (samples,) boolean.

    Raises AudioError where the number of frames is not that of so many samples.
    """
    if frames.shape != (frame_count(samples),):
        raise AudioError(
            f"{samples} samples have {frame_count(samples)} frames, got {tuple(frames.shape)}"
        )
    spread = frames.repeat_interleave(HOP)[HOP // 2 :][:samples]
    return F.pad(spread, (0, samples - len(spread)))

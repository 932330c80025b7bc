"""Sounds from wherever they come: a file, or samples with their rate."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms
from mmbook.preprocessing.audio.voice_activity import trim
from mmbook.preprocessing.audio.waveforms import (
    fit_length,
    normalise_level,
    one_channel,
    read_audio,
)


def as_waveform(sound: Any, rate: int) -> Tensor:
    """A sound as one channel at a rate, (samples,) float32 in [-1, 1].

    sound: the path of a file that libsndfile reads (WAV, FLAC, Ogg, MP3), or a pair of samples and
    their rate in Hz. Samples may be an array or a tensor, (samples,) or two-dimensional with the
    channels along the shorter side; floating point, or signed integers, whose range is taken for
    [-1, 1]. Raises AudioError for anything else, and where `read_audio` does for a file.
    """
    if isinstance(sound, str | Path):
        return read_audio(sound, rate, resample=True)
    if not isinstance(sound, tuple) or len(sound) != 2:
        raise AudioError(
            f"a sound must be the path of a file, or (samples, rate), not {type(sound).__name__}"
        )
    samples, found = sound
    found, rate = check_rate(found), check_rate(rate)
    if not isinstance(samples, Tensor):
        try:
            array = np.asarray(samples)  # of any order, which PyTorch does not take
            samples = torch.from_numpy(array.astype(array.dtype.newbyteorder("="), order="C"))
        except (TypeError, ValueError, RuntimeError) as error:
            raise AudioError(
                f"samples must be an array of numbers, got {type(samples).__name__}: {error}"
            ) from error
    samples = samples.detach().cpu()
    if samples.ndim == 2:
        samples = samples.T if samples.shape[0] > samples.shape[1] else samples
    if samples.ndim not in (1, 2) or 0 in samples.shape:
        raise AudioError(
            f"samples must be (samples,) or two channels of them, got {tuple(samples.shape)}"
        )
    if samples.dtype in (torch.int16, torch.int32):
        samples = samples.double() / -torch.iinfo(samples.dtype).min
    waveform = check_waveforms(samples.reshape(-1, samples.shape[-1])).float()
    try:
        return one_channel(waveform.T, found, rate)
    except AudioError as error:
        raise AudioError(f"the sound: {error}") from error


def isolate_word(waveform: Tensor, samples: int) -> Tensor:
    """One word in the middle of a clip of one length and level; what is around it is silence.

    waveform: (any number,), from which what lies before and after the word is cut; a sound in
    which nothing stands out stays whole. Returns (samples,); of a longer word the middle.
    Raises AudioError where all is silent, or samples are no finite numbers.
    """
    waveform = check_waveforms(waveform[None])[0]
    waveform = waveform - waveform.mean()
    with suppress(AudioError):  # no pause before or after it
        waveform = trim(waveform)
    return fit_length(normalise_level(waveform), samples)

"""Step 1 for sound: a file becomes a waveform of a known rate, length and level."""

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmbook.preprocessing.audio import resampling
from mmbook.preprocessing.audio.checks import AudioError, check_rate, check_waveforms
from mmbook.preprocessing.audio.files import MOST_VALUES, decode_sound
from mmbook.preprocessing.ranges import check_floating

LOUDEST = 2.0  # filters and lossy formats overshoot 1 a little, never by as much
CANCELLED = 0.01  # of the channels' power: what independent channels leave lies far above
MOMENTS = 1 << 20  # so many samples, spread over a file, are enough to tell its channels' power


def read_audio(path: Path | str, rate: int, *, resample: bool = False) -> Tensor:
    """Read a sound file as one channel; the channels of a stereo file are averaged.

    path: a WAV, AIFF, AU, FLAC, Ogg (Vorbis, Opus) or MP3 file.
    rate: the sampling rate, in Hz, that the file must have; with `resample`, that it is brought to.
    Nothing is resampled unasked.
    Returns (samples,) float32 in [-1, 1]; filters and lossy formats may overshoot slightly.
    Raises AudioError where the file is missing, unreadable, cut short or damaged (as far as
    `decode_sound` can see), empty, not finite, of another rate or scale, or too long to be held in
    memory, and where its channels cancel each other.
    """
    rate = check_rate(rate)
    samples, found = decode_sound(Path(path))
    if len(samples) == 0:
        raise AudioError(f"{path} holds no samples")
    if found != rate and not resample:
        raise AudioError(
            f"{path} has {found} samples a second, but {rate} were expected; "
            f"read_audio(path, {rate}, resample=True) brings it to that rate"
        )
    try:
        return one_channel(torch.from_numpy(samples), found, rate)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error


def one_channel(samples: Tensor, rate: int, new_rate: int) -> Tensor:
    """The mean of the channels at another rate, where it still is the sound.

    samples: (samples, channels) float32. Returns (samples,). Raises AudioError where they are not
    finite, far beyond [-1, 1], or too many at the new rate, and where channels cancel each other.
    """
    values = check_floating(samples, "samples", AudioError).numpy()
    if len(values) * new_rate > MOST_VALUES * rate:
        raise AudioError(
            f"it lasts {len(values) / rate:.0f} s, more than {MOST_VALUES} samples at {new_rate} "
            "Hz: cut it into pieces, or see whether the right rate is stated, as in its header"
        )
    if not np.isfinite(values).all():
        raise AudioError("it holds samples that are NaN or infinite")
    loudest = float(max(values.max(), -values.min()))
    if loudest > LOUDEST:
        raise AudioError(
            f"it holds a sample of {loudest:g}, but those of a sound lie between -1 and 1: "
            "divide 16-bit samples by 32768 before they are written as floating point"
        )
    mean = values.mean(axis=1)
    some = slice(None, None, 1 + len(mean) // MOMENTS)
    power = values[some].var(axis=0, dtype=np.float64).mean()
    if power > 1e-10 and mean[some].var(dtype=np.float64) < CANCELLED * power:
        raise AudioError(
            "its channels cancel each other, so their mean is next to silence: one is the other "
            "turned upside down; keep one of them alone"
        )
    return resampling.resample(torch.from_numpy(mean), rate, new_rate)


def fit_length(clip: Tensor, samples: int) -> Tensor:
    """Cut the middle out of a clip, or pad it with zeros on both sides.

    clip: (..., any number of samples). Returns (..., samples). Where the difference is odd, one
    more sample is cut, or added, at the end.
    """
    if samples < 0:
        raise AudioError(f"a clip has no {samples} samples")
    spare = clip.shape[-1] - samples
    if spare >= 0:
        start = spare // 2
        return clip[..., start : start + samples]
    before = -spare // 2
    return torch.nn.functional.pad(clip, (before, -spare - before))


def clipped_share(waveforms: Tensor, run: int = 3) -> Tensor:
    """How much of each clip was cut off flat, because it was recorded too loudly.

    A sample counts where `run` or more neighbours, itself among them, all stand at the clip's
    highest or all at its lowest value; a voice touches its peak once, a cut one stays there. The
    two may differ, and zeros never count: they are silence.
    waveforms: (n, samples). Returns (n,) in [0, 1]; silence gives 0.
    """
    check_waveforms(waveforms)
    if not 1 <= run <= waveforms.shape[1]:
        raise AudioError(f"run must lie in 1..{waveforms.shape[1]}, the samples, got {run}")
    flat = torch.zeros_like(waveforms, dtype=torch.bool)
    for side in (waveforms, -waveforms):
        peak = side.amax(dim=1, keepdim=True)
        at_peak = (side >= peak - 0.001 * peak.abs()) & (side != 0)
        starts = at_peak.unfold(1, run, 1).all(dim=2)  # (n, samples - run + 1)
        for shift in range(run):
            flat[:, shift : shift + starts.shape[1]] |= starts
    return flat.to(waveforms).mean(dim=1)


def normalise_level(clip: Tensor, rms: float = 0.1) -> Tensor:
    """Scale clips to one root mean square, so that loudness tells nothing.

    clip: (..., samples). Raises AudioError where a clip is silent, or rms no positive number.
    """
    if not 0 < rms < math.inf:
        raise AudioError(f"rms must be a positive number, got {rms}")
    return clip * (rms / _audible(clip, "clip").sqrt())


def mix_at_snr(speech: Tensor, noise: Tensor, snr_db: float | Tensor) -> Tensor:
    """Add noise to speech, scaled so that their powers stand in the given ratio.

    The speech keeps its level. speech, noise: (n, samples); snr_db: decibels, scalar or (n,).
    Returns (n, samples). Raises AudioError where speech or noise is silent or their shapes differ,
    or where the noise would not stay finite.
    """
    measured = measure_snr(speech, noise)  # (n,)
    ratio = measured - torch.as_tensor(snr_db).to(measured)
    gain = 10 ** (ratio / 20)
    if not gain.isfinite().all():
        raise AudioError(f"snr_db must be decibels at which noise can be added, got {snr_db}")
    return torch.addcmul(speech, noise, gain[..., None])


def measure_snr(speech: Tensor, noise: Tensor) -> Tensor:
    """The ratio of the power of speech to that of noise, in decibels.

    speech, noise: (n, samples). Returns (n,). Raises AudioError as `mix_at_snr` does.
    """
    if speech.shape != noise.shape:
        raise AudioError(
            f"speech {tuple(speech.shape)} and noise {tuple(noise.shape)} must have one shape"
        )
    powers = _audible(speech, "speech") / _audible(noise, "noise")
    return 10 * powers.squeeze(-1).log10()


def _audible(clip: Tensor, name: str) -> Tensor:
    """The mean power of each clip, (..., 1); raises AudioError where one is silent or empty."""
    check_floating(clip, f"the {name}", AudioError)
    power = clip.square().mean(-1, keepdim=True)
    if not ((power > 0) & power.isfinite()).all():  # an empty clip has the power NaN, and fails too
        raise AudioError(f"the {name} is silent or not finite: it has no level to scale by")
    return power

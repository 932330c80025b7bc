"""A model whose reports are known beforehand, and recordings for it."""

import numpy as np
import soundfile
import torch
from torch import Tensor

from mmbook.models.inspection import Report, spans_of
from mmbook.preprocessing.audio.faults import FAULTS, HOP, RATE

THRESHOLDS = dict.fromkeys(FAULTS, 0.5)
SHORT, SILENT = "a recording needs 0.1 s", "There is no speech in it."


class Ear:
    """Finds two faults: clipping where the sound reaches 0.9, and hum where it is below 0.01."""

    def __init__(self) -> None:
        self.lengths: list[int] = []  # of what was inspected

    def predict(self, waveform: Tensor, rate: int) -> Report:
        """The report of a waveform (samples,)."""
        assert rate == RATE and waveform.dtype == torch.float32 and waveform.ndim == 1
        self.lengths.append(len(waveform))
        if len(waveform) < RATE // 10:
            raise ValueError(SHORT)
        padded = torch.nn.functional.pad(waveform.abs(), (HOP // 2, HOP))
        loudest = padded.unfold(0, HOP, HOP)[: len(waveform) // HOP + 1].amax(dim=1)
        trace = torch.full((len(loudest), len(FAULTS)), 0.02)
        trace[:, FAULTS.index("clipping")] = (loudest >= 0.9).float() * 0.95
        trace[:, FAULTS.index("hum")] = (loudest < 0.01).float() * 0.75
        seconds = len(waveform) / RATE
        spans = spans_of(trace, THRESHOLDS, seconds)
        faults = {fault: trace[:, k].max().item() for k, fault in enumerate(FAULTS)}
        silent = bool(waveform.abs().max() < 1e-4)
        return Report(
            seconds=seconds,
            pesq=None if silent else 3.456789,
            stoi=None if silent else 0.9,
            snr=None if silent else 20.0,
            faults=faults,
            found=tuple(fault for fault in FAULTS if faults[fault] >= 0.5),
            spans=spans,
            trace=trace,
            notes=(SILENT,) if silent else (),
        )


def voice(seconds: float, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Something that sounds a little like a voice, (samples,) in [-0.5, 0.5], nowhere silent."""
    time = np.arange(round(seconds * rate)) / rate
    pitch = 2 * np.pi * (120 * time + 12 * np.sin(2 * np.pi * (0.7 + 0.1 * seed) * time))
    tone = sum(np.sin(k * pitch) / k for k in range(1, min(20, rate // 400)))
    return 0.2 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)) + 0.05 * np.sin(pitch * 31.7)


def clipped(seconds: float, start: float, end: float, rate: int = RATE) -> np.ndarray:
    """The same, too loud from start to end."""
    sound = voice(seconds, rate)
    part = slice(round(start * rate), round(end * rate))
    sound[part] = (20 * sound[part]).clip(-0.98, 0.98)
    return sound


def write(path: object, sound: np.ndarray, rate: int = RATE, **options: object) -> None:
    """A sound file."""
    soundfile.write(path, sound, rate, **options)

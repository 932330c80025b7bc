"""From a raw sound to what can be said of it, and from a network's numbers to a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mmbook.models.inspection.network import Inspection
from mmbook.models.inspection.report import Report, spans_of
from mmbook.preprocessing.audio.checks import AudioError, check_rate
from mmbook.preprocessing.audio.faults import FAULTS, RATE
from mmbook.preprocessing.audio.raw import as_waveform

ADDED = frozenset({"noise", "crosstalk", "hum"})  # against which an SNR is
RATES = (4_000, 192_000)  # Hz, of sounds that are inspected
SHORTEST = 0.4  # seconds, below which there is too little speech to judge its quality
SILENT = 1e-4  # of full scale, -80 dB: nothing above
OFFSET = 0.01  # of full scale: a mean above is taken out, and said
BLOCK, STEADY = 1024, 0.5  # samples, and by how many decibels their level changes in speech


@dataclass(frozen=True, eq=False)
class Sound:
    """A recording as the network reads it: (samples,) at RATE, and what is to be known of it.

    speech: whether it may hold enough speech to judge its quality; silent: whether it is nothing.
    """

    waveform: Tensor
    notes: tuple[str, ...]
    speech: bool
    silent: bool


def heard(samples: Any, rate: float) -> Sound:
    """A raw sound, of a rate in RATES, as the network reads it.

    Raises AudioError where it is none, as `as_waveform` does, or its rate is another.
    """
    rate = check_rate(rate)
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(f"a recording needs {RATES[0]} to {RATES[1]} samples a second, not {rate}")
    waveform, notes, speech = as_waveform((samples, rate), RATE), [], True
    if rate < RATE:
        notes.append(f"sampled {rate} times a second: nothing above {rate // 2} Hz can be heard")
    offset = waveform.mean().item()
    if abs(offset) > OFFSET:
        waveform = waveform - offset
        notes.append(f"a constant offset of {offset:.2f} of full scale was taken out")
    silent = max(waveform.max().item(), -waveform.min().item()) < SILENT
    if silent:
        notes.append("silence: there is nothing to judge")
    elif len(waveform) < SHORTEST * RATE:
        speech = False
        notes.append(f"shorter than {SHORTEST} s: too little to judge quality")
    elif _is_steady(waveform):
        speech = False
        notes.append("not speech-like: its level hardly changes, so quality is not judged")
    return Sound(waveform, tuple(notes), speech and not silent, silent)


def _is_steady(waveform: Tensor) -> bool:
    """Whether the level never changes, as that of a tone or of white noise."""
    blocks = waveform[: len(waveform) // BLOCK * BLOCK].reshape(-1, BLOCK)
    levels = 20 * (torch.linalg.vector_norm(blocks, dim=1) + 1e-6).log10()
    return bool(levels.std(unbiased=False) < STEADY)


def report_of(
    sound: Sound, found: Inspection, thresholds: Sequence[float], frame_thresholds: Sequence[float]
) -> Report:
    """The report of what a network found in a sound; thresholds: of each of FAULTS."""
    seconds = len(sound.waveform) / RATE
    trace = found.frames[0].float().sigmoid().cpu()
    chances = found.faults[0].float().sigmoid().cpu()
    if sound.silent:
        trace, chances = torch.zeros_like(trace), torch.zeros_like(chances)
    faults: dict[str, float] = dict(zip(FAULTS, chances.tolist(), strict=True))
    limits = zip(faults.items(), thresholds, strict=True)
    names = tuple(fault for (fault, chance), limit in limits if chance >= limit)
    looked_for: dict[str, float] = dict(zip(FAULTS, frame_thresholds, strict=True))
    return Report(
        seconds=seconds,
        pesq=found.pesq.item() if sound.speech else None,
        stoi=found.stoi.item() if sound.speech else None,
        snr=found.snr.item() if sound.speech and ADDED.intersection(names) else None,
        faults=faults,
        found=names,
        spans=spans_of(trace, {name: looked_for[name] for name in names}, seconds),
        trace=trace,
        notes=sound.notes,
    )

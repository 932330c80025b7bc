"""What an inspection of a recording found, and when."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from mmbook.preprocessing.audio.faults import FAULTS, HOP, RATE

STEP = HOP / RATE  # seconds from one frame to the next
RELEASE = 0.6  # of a threshold: a span that has begun lasts while the trace is above
WORDS = {1.5: "bad", 2.5: "poor", 3.5: "fair", 4.2: "good"}  # up to which PESQ
BEST, UNKNOWN = "excellent", "unknown"


@dataclass(frozen=True)
class Span:
    """A stretch of a recording with a fault, from start to end in seconds.

    peak: the highest probability of its frames.
    """

    fault: str
    start: float
    end: float
    peak: float


@dataclass(frozen=True, eq=False)
class Report:
    """What an inspection found.

    seconds: of the recording. pesq: predicted, as MOS-LQO (ITU-T P.862.1), from 1.0 to 4.55, and
    stoi: predicted, from 0 to 1; None where there is nothing to judge, as in silence. snr: decibels
    of speech over noise, hum and crosstalk, None where none of them was found. faults: how probable
    each of FAULTS is, anywhere in the recording; found: those above their thresholds. spans: where
    they are, by time. trace: (frames, 9) probabilities, frame k centred STEP * k seconds after the
    beginning. notes: what else is to be known, each one sentence.
    """

    seconds: float
    pesq: float | None
    stoi: float | None
    snr: float | None
    faults: Mapping[str, float]
    found: tuple[str, ...]
    spans: tuple[Span, ...]
    trace: Tensor
    notes: tuple[str, ...] = ()

    @property
    def quality(self) -> str:
        """PESQ in the words of listening tests, bad, poor, fair, good or excellent; or unknown.

        Nearest to the words' numbers, 1 to 5 (ITU-T P.800), but that excellent begins at 4.2,
        since PESQ ends at 4.55.
        """
        if self.pesq is None:
            return UNKNOWN
        return next((word for most, word in WORDS.items() if self.pesq < most), BEST)

    def to_dict(self, *, trace: bool = False) -> dict[str, Any]:
        """All of it as what `json` can write; trace: that too, with the seconds between frames."""
        found: dict[str, Any] = {
            "seconds": self.seconds,
            "quality": self.quality,
            "pesq": self.pesq,
            "stoi": self.stoi,
            "snr": self.snr,
            "faults": dict(self.faults),
            "found": list(self.found),
            "spans": [asdict(span) for span in self.spans],
            "notes": list(self.notes),
        }
        if trace:
            found |= {"step": STEP, "trace": self.trace.tolist()}
        return found


def spans_of(
    trace: Tensor, thresholds: Mapping[str, float], seconds: float | None = None
) -> tuple[Span, ...]:
    """The stretches of a trace where a fault is, in the order of their beginnings.

    One is a run of frames above RELEASE times the fault's threshold, of which one reaches the
    threshold itself, so that a probability which trembles around it is not many spans. trace:
    (frames, 9) probabilities. thresholds: of the faults that are looked for. seconds: where the
    recording ends, by default in the middle of the last frame.
    Raises ValueError for another trace, or a threshold that is of no fault or not in (0, 1].
    """
    if trace.ndim != 2 or trace.shape[1] != len(FAULTS):
        raise ValueError(f"a trace must be (frames, {len(FAULTS)}), not {tuple(trace.shape)}")
    for fault, threshold in thresholds.items():
        if fault not in FAULTS or not 0 < threshold <= 1:
            raise ValueError(
                f"thresholds must be in (0, 1], of {', '.join(FAULTS)}, not {fault!r}: {threshold}"
            )
    last = max(len(trace) - 1, 0) * STEP if seconds is None else seconds
    found = []
    for fault, threshold in thresholds.items():
        values = trace[:, FAULTS.index(fault)].detach().float().cpu()
        for first, end in _runs(values >= RELEASE * threshold):
            peak = values[first:end].max().item()
            if peak >= threshold:
                start, stop = (first - 0.5) * STEP, (end - 0.5) * STEP
                found.append(Span(fault, max(start, 0.0), min(stop, last), peak))
    return tuple(sorted(found, key=lambda span: (span.start, FAULTS.index(span.fault))))


def _runs(active: Tensor) -> list[tuple[int, int]]:
    """The first frame of each run of true ones, (frames,), and that behind its last."""
    edge = torch.zeros(1, dtype=torch.int8, device=active.device)
    steps = torch.cat([edge, active.to(torch.int8), edge]).diff()
    firsts, ends = (steps == 1).nonzero(), (steps == -1).nonzero()
    return list(zip(firsts.flatten().tolist(), ends.flatten().tolist(), strict=True))

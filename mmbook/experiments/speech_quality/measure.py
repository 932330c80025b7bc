"""What verdicts on recordings are worth, beside the truth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.evaluation.detection import (
    auroc,
    best_threshold,
    binary_calibration_error,
    event_f1,
    f1_score,
    false_alarm_threshold,
    pearson,
    spearman,
)
from mmbook.layers.modes import evaluating
from mmbook.models.inspection.network import Inspection
from mmbook.preprocessing.audio.faults import FAULTS
from mmbook.preprocessing.audio.faults.severity import BY_FACTORS, Severities

SIZE = 64  # recordings that are judged at a time
TOLERANCE = 2  # frames, 32 ms
EVENTS = ("clicks", "dropouts")
THIRDS = ("mild", "middle", "severe")
LIMITS = {"noise": 20.0, "crosstalk": 10.0}  # dB: above, hardly anybody would hear it
LOWEST = 1e-3  # threshold
FALSE_ALARMS = 0.005  # of a fault, in recordings without any
PROBABLE = 0.5  # from which a fault is more probable than not
ADDED = [FAULTS.index(name) for name in ("crosstalk", "hum")]  # what an SNR counts beside noise
RANGES = ((-5.0, 0.0), (0.0, 10.0), (10.0, 20.0), (20.0, 30.0))  # dB

Measured = tuple[str, float, dict[str, str]]


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of n recordings.

    frames: (n, frames, 9) boolean. snr, stoi, pesq: (n,), NaN where unknown. severity: (n, 9), in
    the units of `Severities`, NaN where a fault is not heard, or comes of another. speakers: n
    names.
    """

    frames: Tensor
    snr: Tensor
    stoi: Tensor
    pesq: Tensor
    severity: Tensor
    speakers: Sequence[str]

    @property
    def faults(self) -> Tensor:
        """(n, 9) boolean."""
        return self.frames.any(dim=1)

    @classmethod
    def of(cls, targets: Mapping[str, Tensor], speakers: Sequence[str]) -> Self:
        """From the targets of `FaultyClips.samples`."""
        numbers = {name: targets[name] for name in ("snr", "stoi", "pesq", "severity")}
        return cls(frames=targets["faults"], speakers=speakers, **numbers)


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a system says: probabilities, faults (n, 9) and frames (n, frames, 9), and numbers (n,).

    frames: None of a system that only knows whole recordings.
    """

    faults: Tensor
    snr: Tensor
    stoi: Tensor
    pesq: Tensor
    frames: Tensor | None = None

    def first(self, count: int) -> Self:
        """What is said of some recordings, without frames."""
        parts = (getattr(self, name)[:count] for name in ("faults", *_NUMBERS))
        return type(self)(*parts)


@torch.inference_mode()
def verdicts(model: nn.Module, batch: Batch) -> Verdicts:
    """A network's, of recordings of one length."""
    with evaluating(model):
        found: list[Inspection] = [model(part.inputs) for part in batch.batches(SIZE)]
    frames, faults = (torch.cat([getattr(f, n) for f in found]).sigmoid() for n in _LOGITS)
    snr, stoi, pesq = (torch.cat([getattr(f, name) for f in found]) for name in _NUMBERS)
    return Verdicts(faults, snr, stoi, pesq, frames)


_LOGITS, _NUMBERS = ("frames", "faults"), ("snr", "stoi", "pesq")


def measured(said: Verdicts, truth: Truth, tuned: Mapping[str, float] | None) -> Iterator[Measured]:
    """All that is measured of a system; tuned: thresholds of frames, if it knows of frames."""
    yield from detected(said.faults, truth)
    yield from by_speaker(said.faults, truth)
    yield from snr_errors(said.snr, truth)
    yield from agreement(said, truth)
    if said.frames is not None and tuned is not None:
        yield from located(said.frames, truth, tuned)


def detected(chances: Tensor, truth: Truth) -> Iterator[Measured]:
    """Areas under the curve, of all and by severity, against recordings without the fault."""
    areas, errors = [], []
    for i, fault in enumerate(FAULTS):
        scores, there, where = chances[:, i], truth.faults[:, i], {"fault": fault}
        areas.append(auroc(scores, there))
        errors.append(binary_calibration_error(scores, there))
        yield "auroc", areas[-1], where
        shares = severity_shares(fault, truth.severity[:, i])  # NaN of those that are not there
        for third, name in enumerate(THIRDS):
            within = shares.isfinite() & ((3 * shares).floor().clamp(0, 2) == third)
            chosen = ~there | within
            if there[chosen].any():
                yield "auroc", auroc(scores[chosen], there[chosen]), {**where, "severity": name}
        if fault in LIMITS:
            heard = ~there | (truth.severity[:, i] <= LIMITS[fault])
            if there[heard].any():
                area = auroc(scores[heard], there[heard])
                yield "auroc", area, {**where, "severity": f"up to {LIMITS[fault]:.0f} dB"}
    yield "macro_auroc", sum(areas) / len(areas), {}
    yield "calibration_error", sum(errors) / len(errors), {}


def severity_shares(fault: str, severity: Tensor) -> Tensor:
    """How far each is from the mildest, 0, to the worst, 1; the inverse of `Severities.at`."""
    mild, worst = (torch.tensor(bound).to(severity) for bound in getattr(Severities(), fault))
    if fault == "level":
        quiet, loud = (
            (severity - a) / (b - a) for a, b in (Severities().level, Severities().louder)
        )
        return torch.where(severity < 0, quiet, loud)
    if fault in BY_FACTORS:
        severity, mild, worst = severity.log(), mild.log(), worst.log()
    return (severity - mild) / (worst - mild)


def by_speaker(chances: Tensor, truth: Truth) -> Iterator[Measured]:
    """The mean area under the curve in each speaker's recordings, of faults that some have."""
    for speaker in sorted({*truth.speakers}):
        own = torch.tensor([name == speaker for name in truth.speakers])
        pairs = zip(chances[own].T, truth.faults[own].T, strict=True)
        areas = [auroc(scores, there) for scores, there in pairs if there.any() and not there.all()]
        if areas:
            yield "macro_auroc", sum(areas) / len(areas), {"speaker": speaker}


def snr_errors(said: Tensor, truth: Truth) -> Iterator[Measured]:
    """Mean errors of the SNR in dB, of all that have one, and of those with noise alone."""
    known = truth.snr.isfinite()
    error = (said - truth.snr).abs()
    yield "snr_error", error[known].mean().item(), {}
    alone = known & ~truth.faults[:, ADDED].any(dim=1)
    for low, high in (*RANGES, (0.0, 20.0)):
        chosen = alone & (truth.snr >= low) & (truth.snr < high)
        if chosen.any():
            yield "snr_error", error[chosen].mean().item(), {"snr": f"{low:.0f} to {high:.0f} dB"}


def agreement(said: Verdicts, truth: Truth, **where: str) -> Iterator[Measured]:
    """Errors of STOI and PESQ, and their correlations with what was measured."""
    for name in ("stoi", "pesq"):
        found, target = getattr(said, name), getattr(truth, name)
        known = target.isfinite()
        yield f"{name}_error", (found - target)[known].abs().mean().item(), where
        yield from correlations(found, target, name, **where)


def correlations(scores: Tensor, target: Tensor, name: str, **where: str) -> Iterator[Measured]:
    """Of scores (n,) with what is known of a measure; a constant correlates with nothing."""
    known = target.isfinite()
    scores, target = scores[known], target[known]
    if scores.min() < scores.max():
        yield f"{name}_pearson", pearson(scores, target), where
        yield f"{name}_spearman", spearman(scores, target), where


def noticed(pesq: Tensor, kinds: Sequence[str]) -> Iterator[Measured]:
    """Whether a PESQ, said or measured, is low where there are faults of other kinds.

    pesq: (n,), NaN where unknown. kinds: of each recording, "" of none. For each kind, the area
    under the curve of a low PESQ against recordings that are undamaged.
    """
    for kind in sorted({*kinds} - {""}):
        chosen = torch.tensor([each in ("", kind) for each in kinds]) & pesq.isfinite()
        there = torch.tensor([each == kind for each in kinds])
        yield "low_pesq_auroc", auroc(-pesq[chosen], there[chosen]), {"kind": kind}


def flagged(chances: Tensor, speakers: Sequence[str]) -> Iterator[Measured]:
    """The share of a speaker's recordings in which a fault is found, of recordings without any.

    chances: (n, 9), of recordings by several speakers. A fault is found where it is more probable
    than not, and more than in all but FALSE_ALARMS of the other speakers' recordings.
    """
    for speaker in sorted({*speakers}):
        own = torch.tensor([name == speaker for name in speakers])
        others = (false_alarm_threshold(column, FALSE_ALARMS) for column in chances[~own].T)
        limits = [max(PROBABLE, limit) for limit in others]
        # As float64: in float32 the next number above a score may be the score again.
        reached = chances[own].double() >= torch.tensor(limits, dtype=torch.float64)
        yield "clean_flagged", reached.any(dim=1).double().mean().item(), {"speaker": speaker}


def tuned_thresholds(chances: Tensor, there: Tensor) -> dict[str, float]:
    """For each fault the probability, LOWEST at least, with the highest F1; both (..., 9)."""
    columns = zip(FAULTS, chances.flatten(0, -2).T, there.flatten(0, -2).T, strict=True)
    return {name: max(LOWEST, best_threshold(scores, truth)) for name, scores, truth in columns}


def careful_thresholds(chances: Tensor, there: Tensor, clean: Tensor) -> tuple[float, ...]:
    """For each fault the probability with the highest F1, or a higher one if that is too low.

    Too low is what flags more than FALSE_ALARMS of recordings without any fault, clean: (m, 9).
    chances, there: (n, 9).
    """
    best = tuned_thresholds(chances, there).values()
    limits = (false_alarm_threshold(column, FALSE_ALARMS) for column in clean.T)
    return tuple(min(1.0, max(pair)) for pair in zip(best, limits, strict=True))


def located(frames: Tensor, truth: Truth, thresholds: Mapping[str, float]) -> Iterator[Measured]:
    """F1 of frames, and of events where a fault is one."""
    for i, fault in enumerate(FAULTS):
        found, there = frames[..., i] >= thresholds[fault], truth.frames[..., i]
        yield "frame_f1", f1_score(found, there), {"fault": fault}
        if fault in EVENTS:
            yield "event_f1", event_f1(found, there, TOLERANCE), {"fault": fault}
        if fault == "noise":
            # Louder than 15 dB, where it is one stretch; the others count as recordings without.
            loud = ~(truth.severity[:, i] > 15)
            yield "segment_f1", f1_score(found[loud], there[loud]), {"fault": fault}

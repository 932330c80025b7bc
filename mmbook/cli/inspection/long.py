"""Reports of recordings of any length, made from pieces that are inspected one after another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor

from mmbook.cli.inspection.words import clock
from mmbook.models.inspection import STEP, Report, Span
from mmbook.models.inspection.verdict import RATES
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import FAULTS, HOP, RATE

PIECE = 300 * RATE  # samples that are inspected together: five minutes, of whole frames
SHORTEST = 30 * RATE  # of the last piece, unless it is the only one
assert PIECE % HOP == 0


class Inspector(Protocol):
    """A model that inspects a recording."""

    def predict(self, waveform: Tensor, rate: int) -> Report:
        """The report of a waveform (samples,) at a rate in Hz."""
        ...


def inspect_blocks(model: Inspector, blocks: Iterable[Tensor], rate: int) -> Report:
    """The report of a recording that comes in blocks, (samples,) each at RATE.

    Up to PIECE + SHORTEST samples are inspected as one, so that the report is the model's; more of
    them in pieces, whose reports are merged. rate: at which the recording was made, in RATES.
    Raises AudioError where it is another, and ValueError as the model's `predict` does.
    """
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(f"a recording needs {RATES[0]} to {RATES[1]} samples a second, not {rate}")
    report = merged([model.predict(piece, RATE) for piece in pieces(blocks)])
    if rate >= RATE:
        return report
    note = f"sampled {rate} times a second: nothing above {rate // 2} Hz can be heard"
    return replace(report, notes=(note, *report.notes))


def pieces(blocks: Iterable[Tensor]) -> Iterator[Tensor]:
    """The same samples in pieces of PIECE; the last one has SHORTEST to PIECE + SHORTEST."""
    held = torch.empty(0)
    for block in blocks:
        held = torch.cat([held, block])
        while len(held) >= PIECE + SHORTEST:
            yield held[:PIECE].clone()
            held = held[PIECE:]
    yield held.clone()


def merged(reports: Sequence[Report]) -> Report:
    """One report of pieces that follow one another, each of PIECE samples but the last.

    PESQ, STOI and the ratio to the noise are means, weighted by the seconds of the pieces that have
    them; a fault is as probable as in the worst piece, and found where it is in any. Spans of one
    fault that meet at a seam become one. A note that is not of every piece says of which it is.
    """
    if len(reports) == 1:
        return reports[0]
    *before, last = reports
    return Report(
        seconds=sum(report.seconds for report in reports),
        pesq=_mean([(report.pesq, report.seconds) for report in reports]),
        stoi=_mean([(report.stoi, report.seconds) for report in reports]),
        snr=_mean([(report.snr, report.seconds) for report in reports]),
        faults={fault: max(report.faults[fault] for report in reports) for fault in FAULTS},
        found=tuple(fault for fault in FAULTS if any(fault in report.found for report in reports)),
        spans=_joined(reports),
        # The frame on a seam is the first of the next piece too.
        trace=torch.cat([*(report.trace[: PIECE // HOP] for report in before), last.trace]),
        notes=tuple(_notes(reports)),
    )


def _mean(weighted: Iterable[tuple[float | None, float]]) -> float | None:
    known = [(value, weight) for value, weight in weighted if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def _notes(reports: Sequence[Report]) -> Iterator[str]:
    shared = [note for note in reports[0].notes if all(note in r.notes for r in reports)]
    yield from shared
    start = 0.0
    for report in reports:
        when = f"{clock(start)} to {clock(start + report.seconds)}"
        yield from (f"{when}: {note}" for note in report.notes if note not in shared)
        start += report.seconds


def _joined(reports: Sequence[Report]) -> tuple[Span, ...]:
    """The spans of all pieces by time, those joined that end and begin at a seam."""
    found: list[Span] = []
    start = 0.0
    for report in reports:
        for span in report.spans:
            moved = replace(span, start=span.start + start, end=span.end + start)
            before = next((old for old in reversed(found) if old.fault == span.fault), None)
            if before and span.start <= STEP and before.end >= start - STEP:
                found.remove(before)
                moved = replace(moved, start=before.start, peak=max(before.peak, span.peak))
            found.append(moved)
        start += report.seconds
    return tuple(sorted(found, key=lambda span: (span.start, FAULTS.index(span.fault))))

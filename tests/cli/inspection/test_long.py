"""Reports of pieces become one report."""

from dataclasses import replace

import pytest
import torch

from mmbook.cli.inspection import long
from mmbook.cli.inspection.long import inspect_blocks, merged, pieces
from mmbook.models.inspection import Report, Span
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import FAULTS
from tests.cli.inspection_fakes import Ear

ROWS = 18_751  # frames of a piece of five minutes


def report(seconds: float, rows: int, **changed: object) -> Report:
    made = Report(
        seconds=seconds,
        pesq=3.0,
        stoi=0.9,
        snr=None,
        faults=dict.fromkeys(FAULTS, 0.1),
        found=(),
        spans=(),
        trace=torch.zeros(rows, len(FAULTS)),
    )
    return replace(made, **changed)


def test_pieces_are_all_samples_and_the_last_is_not_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long, "PIECE", 10)
    monkeypatch.setattr(long, "SHORTEST", 4)
    for length, wanted in {1: [1], 13: [13], 14: [10, 4], 33: [10, 10, 13]}.items():
        sound = torch.arange(length).float()
        for size in (1, 7, 50):
            found = list(pieces(sound.split(size)))
            assert [len(piece) for piece in found] == wanted and torch.cat(found).equal(sound)


def test_one_report_stays_as_it_is() -> None:
    one = report(2.0, 126)
    assert merged([one]) is one


def test_numbers_are_means_by_length_and_faults_the_worst() -> None:
    first = report(300.0, ROWS, pesq=2.0, snr=10.0, stoi=None, found=("hum",), notes=("a", "b"))
    first = replace(first, faults={**first.faults, "hum": 0.8})
    last = report(100.0, 6251, pesq=4.0, stoi=None, found=("noise",), notes=("b",))
    both = merged([first, last])
    assert both.seconds == 400 and both.pesq == pytest.approx(2.5) and both.snr == 10.0
    assert both.stoi is None and both.found == ("noise", "hum")
    assert both.faults == {**dict.fromkeys(FAULTS, 0.1), "hum": 0.8}
    assert both.notes == ("b", "0:00.0 to 5:00.0: a")


def test_the_frame_on_a_seam_is_one_frame() -> None:
    first, last = report(300.0, ROWS), report(100.0, 6251)
    first.trace[-1], last.trace[0] = 0.3, 0.6
    trace = merged([first, last]).trace
    assert len(trace) == 400 * 8000 // 128 + 1
    assert trace[ROWS - 1].unique().tolist() == pytest.approx([0.6])
    assert trace[ROWS - 2].unique().tolist() == [0.0]


def test_spans_move_and_those_that_meet_at_a_seam_become_one() -> None:
    first = [Span("hum", 290.0, 300.0, 0.6), Span("noise", 295.0, 299.5, 0.7)]
    second = [Span("hum", 0.0, 300.0, 0.9), Span("noise", 0.0, 1.0, 0.5)]
    third = [Span("clicks", 0.0, 0.1, 0.8), Span("hum", 0.0, 2.0, 0.7), Span("hum", 5.0, 6.0, 0.6)]
    parts = [first, second, third]
    found = merged([report(300.0, ROWS, spans=tuple(spans)) for spans in parts]).spans
    assert found == (
        Span("hum", 290.0, 602.0, 0.9),
        Span("noise", 295.0, 299.5, 0.7),
        Span("noise", 300.0, 301.0, 0.5),
        Span("clicks", 600.0, 600.1, 0.8),
        Span("hum", 605.0, 606.0, 0.6),
    )


@pytest.mark.parametrize("rate", [3999, 192_001])
def test_rates_that_no_inspector_takes_are_refused(rate: int) -> None:
    with pytest.raises(AudioError, match=f"4000 to 192000 samples a second, not {rate}"):
        inspect_blocks(Ear(), [torch.zeros(8000)], rate)

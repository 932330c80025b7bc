"""Reports of inspections, and the spans of a trace."""

import json

import pytest
import torch

from mmbook.models.inspection import STEP, Report, Span, spans_of
from mmbook.preprocessing.audio.faults import FAULTS


def trace_of(fault: str, values: list[float]) -> torch.Tensor:
    trace = torch.zeros(len(values), len(FAULTS))
    trace[:, FAULTS.index(fault)] = torch.tensor(values)
    return trace


def report(pesq: float | None = 3.2, trace: torch.Tensor | None = None) -> Report:
    trace = trace_of("clicks", [0.0, 0.75]) if trace is None else trace
    return Report(
        seconds=0.5,
        pesq=pesq,
        stoi=0.9,
        snr=None,
        faults=dict.fromkeys(FAULTS, 0.125),
        found=("clicks",),
        spans=(Span("clicks", 0.008, 0.016, 0.75),),
        trace=trace,
        notes=("shorter than 0.6 s",),
    )


def test_a_trembling_probability_is_one_span() -> None:
    trace = trace_of("hum", [0.1, 0.35, 0.6, 0.4, 0.55, 0.31, 0.1])
    (span,) = spans_of(trace, {"hum": 0.5})
    assert (span.fault, span.peak) == ("hum", pytest.approx(0.6))
    assert (span.start, span.end) == pytest.approx((0.5 * STEP, 5.5 * STEP))


def test_a_probability_that_never_reaches_the_threshold_is_none() -> None:
    assert spans_of(trace_of("hum", [0.45] * 5), {"hum": 0.5}) == ()


def test_only_faults_with_a_threshold_are_looked_for() -> None:
    trace = trace_of("hum", [0.9] * 5)
    assert spans_of(trace, {"clicks": 0.5}) == ()
    assert len(spans_of(trace, {"clicks": 0.5, "hum": 0.5})) == 1


def test_spans_come_in_the_order_of_time_and_stay_inside_the_recording() -> None:
    trace = trace_of("hum", [0.0, 0.0, 0.9, 0.9]) + trace_of("clicks", [0.9, 0.0, 0.0, 0.9])
    found = spans_of(trace, {"hum": 0.5, "clicks": 0.5}, seconds=3.25 * STEP)
    assert [span.fault for span in found] == ["clicks", "hum", "clicks"]
    assert found[0].start == 0
    assert found[1].end == found[2].end == pytest.approx(3.25 * STEP)


def test_without_seconds_a_recording_ends_in_its_last_frame() -> None:
    (span,) = spans_of(trace_of("level", [0.9, 0.9, 0.9]), {"level": 0.5})
    assert (span.start, span.end) == pytest.approx((0, 2 * STEP))


@pytest.mark.parametrize("shape", [(4,), (4, 8), (1, 4, 9)])
def test_another_trace_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"trace must be \(frames, 9\)"):
        spans_of(torch.zeros(shape), {"hum": 0.5})


@pytest.mark.parametrize("thresholds", [{"hiss": 0.5}, {"hum": 0.0}, {"hum": 1.5}])
def test_another_threshold_is_refused(thresholds: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="thresholds must be"):
        spans_of(torch.zeros(4, 9), thresholds)


def test_an_empty_trace_has_no_spans() -> None:
    assert spans_of(torch.zeros(0, 9), {"hum": 0.5}) == ()


@pytest.mark.parametrize(
    ("pesq", "word"),
    [
        (1.0, "bad"),
        (1.5, "poor"),
        (3.0, "fair"),
        (4.19, "good"),
        (4.5, "excellent"),
        (None, "unknown"),
    ],
)
def test_quality_is_the_word_of_listening_tests(pesq: float | None, word: str) -> None:
    assert report(pesq).quality == word


def test_a_report_goes_to_json_and_back() -> None:
    found = json.loads(json.dumps(report().to_dict()))
    assert found["quality"] == "fair"
    assert found["spans"] == [{"fault": "clicks", "start": 0.008, "end": 0.016, "peak": 0.75}]
    assert found["snr"] is None
    assert "trace" not in found


def test_a_report_with_its_trace_goes_to_json() -> None:
    found = json.loads(json.dumps(report().to_dict(trace=True)))
    assert found["step"] == STEP
    assert found["trace"][1][FAULTS.index("clicks")] == 0.75

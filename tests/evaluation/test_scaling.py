"""Power laws are found where they are, and refused where there is none to find."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from mmbook.evaluation.scaling import PowerLaw, exponent_interval, frontier

COMPUTE = numpy.geomspace(1e6, 1e9, 8)


@given(st.floats(0.01, 1.0), st.floats(0.1, 100.0), st.floats(0, 2))
def test_a_law_is_found_again(exponent: float, scale: float, floor: float) -> None:
    truth = PowerLaw(scale, exponent, floor)
    law = PowerLaw.fit(COMPUTE, truth.predict(COMPUTE), floor)
    assert law.exponent == pytest.approx(exponent, rel=1e-3)
    assert law.predict(1e12) == pytest.approx(truth.predict(1e12), rel=1e-3)


def test_the_line_is_that_of_scipy() -> None:
    noise = numpy.random.default_rng(0).normal(size=8)
    loss = 5 * COMPUTE**-0.1 * numpy.exp(0.1 * noise)
    expected = linregress(numpy.log(COMPUTE), numpy.log(loss))
    law = PowerLaw.fit(COMPUTE, loss)
    assert law.exponent == pytest.approx(-expected.slope)
    assert law.scale == pytest.approx(numpy.exp(expected.intercept))


def test_a_floor_is_found_where_there_is_one() -> None:
    truth = PowerLaw(100.0, 0.3, 0.7)
    law = PowerLaw.fit_with_floor(COMPUTE, truth.predict(COMPUTE))
    assert law.floor == pytest.approx(0.7, abs=0.02) and law.exponent == pytest.approx(
        0.3, abs=0.02
    )
    straight = PowerLaw(10.0, 0.2)
    assert PowerLaw.fit_with_floor(COMPUTE, straight.predict(COMPUTE)).floor < 0.01


def test_the_frontier_is_what_nothing_cheaper_beats() -> None:
    assert frontier([3.0, 1.0, 2.0, 2.0, 4.0], [0.5, 2.0, 1.0, 1.5, 0.9]) == [1, 2, 0]
    with pytest.raises(ValueError, match="compute and loss"):
        frontier([1.0], [])


def test_the_interval_spans_the_seeds() -> None:
    seeds = [PowerLaw(9.0, exponent).predict(COMPUTE).tolist() for exponent in (0.1, 0.2, 0.3)]
    low, high = exponent_interval(COMPUTE.tolist(), seeds)
    assert 0.1 <= low < 0.2 < high <= 0.3
    same = exponent_interval(COMPUTE.tolist(), seeds[:1] * 3)
    assert same == pytest.approx((0.1, 0.1))
    for wrong in (seeds[:1], seeds * 3):
        with pytest.raises(ValueError, match="2 to 6 seeds"):
            exponent_interval(COMPUTE.tolist(), wrong)


@pytest.mark.parametrize(
    ("compute", "loss", "said"),
    [
        ([1, 2], [1], "n >= 2"),
        ([1], [1], "n >= 2"),
        ([0, 2], [1, 1], "positive"),
        ([2, 2], [1, 2], "all the same"),
        ([1, 2], [1, float("nan")], "finite"),
        ([1, 2], [1, -1], "above the floor"),
    ],
)
def test_what_has_no_law_is_refused(compute: list, loss: list, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PowerLaw.fit(compute, loss)
    with pytest.raises(ValueError, match="4 points"):
        PowerLaw.fit_with_floor(compute, loss)

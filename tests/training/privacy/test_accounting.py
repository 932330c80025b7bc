"""The accountant agrees with two others, with closed forms, and refuses what means nothing."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from mmbook.training.privacy import (
    ORDERS,
    epsilon_after,
    epsilon_from_rdp,
    noise_for,
    subsampled_gaussian_rdp,
)

# rate, noise, steps, delta; epsilon by opacus 1.6.0 and by dp-accounting 0.6.0 (RDP), both with
# ORDERS. Where the second is higher, a broken order is best, and its series, which is cut off
# above the true value, had not converged there.
REFERENCES = [
    (0.01, 1.0, 1000, 1e-5, 2.101365, 2.101367),
    (256 / 60000, 1.1, 14100, 1e-5, 2.600343, 2.600343),
    (0.0085, 0.7, 2000, 1e-5, 6.068199, 6.070600),
    (0.2, 4.0, 200, 1e-3, 2.423970, 2.424029),
    (1.0, 5.0, 30, 1e-6, 5.790610, 5.790610),
    (0.05, 0.5, 10, 1e-5, 10.397083, 10.398886),
    (0.001, 0.4, 100, 1e-5, 6.547902, 6.548091),
    (512 / 60000, 1.5, 3515, 1e-5, 1.645726, 1.645726),
    (0.25, 20.0, 400, 1e-3, 0.690698, 0.690698),
]


@pytest.mark.parametrize(("rate", "noise", "steps", "delta", "opacus", "google"), REFERENCES)
def test_epsilon_is_that_of_opacus_and_never_above_that_of_dp_accounting(
    rate: float, noise: float, steps: int, delta: float, opacus: float, google: float
) -> None:
    found = epsilon_after(steps, rate, noise, delta)
    assert found == pytest.approx(opacus, abs=1e-5)
    assert found <= google + 1e-5 and found == pytest.approx(google, abs=3e-3)


# Epsilon by dp-accounting 0.6.0 (RDP) of the same runs, from the whole ones of ORDERS alone: there
# it has a finite sum in the place of a series.
OF_WHOLE_ORDERS = [
    *(2.1077530754515745, 2.6007181389425194, 6.444368235326137, 2.431450391508153),
    *(5.822428660953289, 11.384102372721015, 10.178319025808966, 1.6457262052019952),
    0.6906976308699075,
]


@pytest.mark.parametrize(("row", "google"), list(enumerate(OF_WHOLE_ORDERS)))
def test_at_whole_orders_epsilon_is_that_of_dp_accounting(row: int, google: float) -> None:
    rate, noise, steps, delta, *_ = REFERENCES[row]
    whole = [order for order in ORDERS if order.is_integer()]
    assert epsilon_after(steps, rate, noise, delta, whole) == pytest.approx(google, rel=1e-9)


@pytest.mark.parametrize(("rate", "noise", "order"), [(0.0085, 0.7, 3.6), (0.05, 0.5, 2.3)])
def test_at_the_broken_orders_in_dispute_the_integral_decides(
    rate: float, noise: float, order: float
) -> None:
    """Where dp-accounting's epsilon lies above ours by most: scipy's integral gives our moment."""
    lines = np.linspace(-15 * noise, order + 15 * noise, 40)
    moment = sum(
        quad(_integrand(rate, noise, order), low, high, epsabs=0, epsrel=1e-12)[0]
        for low, high in itertools.pairwise(lines)
    )
    (found,) = subsampled_gaussian_rdp(rate, noise, [order])
    assert found == pytest.approx(math.log(moment) / (order - 1), rel=1e-9)


def _integrand(rate: float, noise: float, order: float) -> Callable[[float], float]:
    def of(z: float) -> float:
        ratio = np.logaddexp(math.log1p(-rate), math.log(rate) + (2 * z - 1) / (2 * noise**2))
        return math.exp(float(norm.logpdf(z, scale=noise)) + order * ratio)

    return of


def test_orders_are_those_of_the_references() -> None:
    tenths = [1 + x / 10 for x in range(1, 100)]
    assert list(ORDERS) == pytest.approx([*tenths, *range(11, 64), 64, 80, 96, 128, 256, 512, 1024])


@given(
    rate=st.floats(0.001, 0.999),
    noise=st.floats(0.5, 20),
    order=st.one_of(st.floats(1.05, 8), st.integers(2, 8).map(float)),
)
def test_a_moment_is_its_integral(rate: float, noise: float, order: float) -> None:
    middles = np.linspace(0, order, 9).tolist()  # where the humps of the integrand may stand
    moment, _ = quad(
        _integrand(rate, noise, order),
        -15 * noise,
        order + 15 * noise,
        limit=500,
        points=middles,
    )
    (found,) = subsampled_gaussian_rdp(rate, noise, [order])
    assert found == pytest.approx(math.log(max(moment, 1)) / (order - 1), rel=1e-5, abs=1e-7)


@given(noise=st.floats(0.2, 50), order=st.floats(1.01, 500))
def test_with_everybody_in_each_step_it_is_the_gaussian_mechanism(noise, order) -> None:
    (found,) = subsampled_gaussian_rdp(1.0, noise, [order])
    assert found == pytest.approx(order / (2 * noise**2))
    (nearly,) = subsampled_gaussian_rdp(1 - 1e-12, noise, [order])
    assert nearly == pytest.approx(found, rel=1e-4)


def test_a_whole_order_and_one_beside_it_agree() -> None:
    for order in (2.0, 5.0, 10.0):
        whole, beside = subsampled_gaussian_rdp(0.05, 1.3, [order, order + 1e-9])
        assert whole == pytest.approx(beside, rel=1e-6)


@given(steps=st.integers(1, 5000), rate=st.floats(0.001, 1), noise=st.floats(0.5, 10))
def test_more_noise_fewer_steps_and_less_sampling_give_more_privacy(steps, rate, noise) -> None:
    here = epsilon_after(steps, rate, noise, 1e-5)
    assert epsilon_after(steps, rate, 1.2 * noise, 1e-5) <= here
    assert epsilon_after(steps + 50, rate, noise, 1e-5) >= here
    assert epsilon_after(steps, rate * 0.8, noise, 1e-5) <= here + 1e-9
    assert epsilon_after(steps, rate, noise, 1e-6) >= here


def test_nothing_done_costs_nothing_and_no_noise_grants_nothing() -> None:
    assert epsilon_after(0, 0.1, 1.0, 1e-5) == epsilon_after(10, 0.0, 1.0, 1e-5) == 0
    assert epsilon_after(10, 0.1, 0.0, 1e-5) == math.inf


@pytest.mark.parametrize("epsilon", [0.3, 1, 3, 8, 50])
def test_the_noise_found_is_enough_and_hardly_more(epsilon: float) -> None:
    noise = noise_for(epsilon, 1e-5, 0.02, 500, tolerance=1e-3)
    assert epsilon_after(500, 0.02, noise, 1e-5) <= epsilon
    assert epsilon_after(500, 0.02, noise - 2e-3, 1e-5) > epsilon


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: subsampled_gaussian_rdp(1.1, 1.0), "sampling rate"),
        (lambda: subsampled_gaussian_rdp(-0.1, 1.0), "sampling rate"),
        (lambda: subsampled_gaussian_rdp(math.nan, 1.0), "sampling rate"),
        (lambda: subsampled_gaussian_rdp(0.1, -1.0), "noise"),
        (lambda: subsampled_gaussian_rdp(0.1, math.nan), "noise"),
        (lambda: subsampled_gaussian_rdp(0.1, math.inf), "noise"),
        (lambda: subsampled_gaussian_rdp(0.1, 1.0, [1.0]), "above 1"),
        (lambda: subsampled_gaussian_rdp(0.1, 1.0, []), "one at least"),
        (lambda: epsilon_from_rdp([1.0], 1e-5, [2.0, 3.0]), "each of the 2"),
        (lambda: epsilon_from_rdp([math.nan], 1e-5, [2.0]), "NaN"),
        (lambda: epsilon_from_rdp([1.0], 0.0, [2.0]), "delta"),
        (lambda: epsilon_after(10, 0.1, 1.0, 0.0), "delta"),
        (lambda: epsilon_after(10, 0.1, 1.0, 1.0), "delta"),
        (lambda: epsilon_after(10, 0.1, 1.0, math.nan), "delta"),
        (lambda: epsilon_after(-1, 0.1, 1.0, 1e-5), "steps"),
        (lambda: epsilon_after(1.5, 0.1, 1.0, 1e-5), "steps"),
        (lambda: noise_for(0.0, 1e-5, 0.1, 10), "epsilon"),
        (lambda: noise_for(-1.0, 1e-5, 0.1, 10), "epsilon"),
        (lambda: noise_for(math.nan, 1e-5, 0.1, 10), "epsilon"),
        (lambda: noise_for(math.inf, 1e-5, 0.1, 10), "epsilon"),
        (lambda: noise_for(1.0, 1e-5, 2.0, 10), "sampling rate"),
        (lambda: noise_for(1.0, 1e-5, 0.0, 10), "any noise"),
        (lambda: noise_for(1e-6, 1e-300, 1.0, 10**6), "no noise"),
    ],
)
def test_what_means_nothing_is_refused_by_name(call, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


def test_the_best_order_is_named() -> None:
    rdp = 100 * subsampled_gaussian_rdp(0.01, 1.0)
    epsilon, order = epsilon_from_rdp(rdp, 1e-5)
    bounds = [
        r + math.log1p(-1 / a) - (math.log(1e-5) + math.log(a)) / (a - 1)
        for r, a in zip(rdp, ORDERS, strict=True)
    ]
    assert epsilon == pytest.approx(min(bounds)) and order == ORDERS[int(np.argmin(bounds))]


def test_hardly_any_noise_is_counted_in_no_time_and_never_too_low() -> None:
    (found,) = subsampled_gaussian_rdp(0.5, 1e-4, [2.5])
    assert found == subsampled_gaussian_rdp(0.5, 1e-4, [3.0])[0] > 1e6
    assert epsilon_after(3, 0.5, 1e-4, 1e-5) > 1e6


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.nan])
def test_a_tolerance_that_halving_never_reaches_is_refused(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance"):
        noise_for(1.0, 1e-5, 0.1, 10, tolerance)

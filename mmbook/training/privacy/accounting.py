"""What a run of noisy, sampled steps gives away at most: the accountant of DP-SGD.

A step is told apart from the same step without one sample by a Rényi divergence, which simply adds
up over steps; at the end the sum is turned into (epsilon, delta).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

# Fine where few steps or much noise make a small order best, coarse where hardly any is needed.
ORDERS: tuple[float, ...] = (
    *(1 + tenth / 10 for tenth in range(1, 100)),
    *(float(order) for order in range(11, 64)),
    *(64.0, 80.0, 96.0, 128.0, 256.0, 512.0, 1024.0),
)
POINTS_PER_WIDTH = 20  # of the integral, in the narrower of the noise and the ratio's own width
TAILS = 12  # standard deviations of the noise that the integral reaches beyond both means
LEAST_NOISE, LARGEST_NOISE = 0.05, 1e4  # where `noise_for` looks


def subsampled_gaussian_rdp(
    rate: float, noise: float, orders: Sequence[float] = ORDERS
) -> NDArray[np.float64]:
    """The Rényi divergence of one step, a value an order, in nats.

    The step adds Gaussian noise of `noise` times the clipping norm to a sum in which each sample
    takes part with probability `rate`. With p the density of the noise, and lengths in clipping
    norms, it is log E_p[(1 - rate + rate exp((2 z - 1) / (2 noise^2)))^order] / (order - 1): a
    binomial sum where the order is whole, and an integral by the trapezoidal rule where it is not;
    with noise below 0.05 the sum of the next whole order, which is no smaller.
    Raises ValueError unless 0 <= rate <= 1, noise >= 0 and all orders are above 1.
    Source: Mironov, Talwar and Zhang 2019, section 3.
    """
    _check_rate(rate)
    if not noise >= 0 or math.isinf(noise):
        raise ValueError(f"noise must be zero or positive and finite, not {noise!r}")
    alphas = np.asarray(orders, dtype=np.float64)
    if not alphas.size or not (alphas > 1).all():
        raise ValueError("orders must be above 1, and there must be one at least")
    if rate == 0:
        return np.zeros_like(alphas)
    if noise == 0:
        return np.full_like(alphas, math.inf)
    if rate == 1:
        return alphas / (2 * noise**2)
    if noise < LEAST_NOISE:  # too fine a step for the integral; a larger order gives no less
        alphas = np.ceil(alphas)
    moments = [
        (_whole_moment if alpha.is_integer() else _moment)(rate, noise, alpha)
        for alpha in alphas.tolist()
    ]
    return np.maximum(0.0, moments) / (alphas - 1)


def _whole_moment(rate: float, noise: float, alpha: float) -> float:
    """The logarithm of the moment of a whole order: a sum over how often the sample takes part."""
    k = np.arange(alpha + 1)
    ways = gammaln(alpha + 1) - gammaln(k + 1) - gammaln(alpha - k + 1)
    terms = ways + k * math.log(rate) + (alpha - k) * math.log1p(-rate)
    return float(np.logaddexp.reduce(terms + k * (k - 1) / (2 * noise**2)))


def _moment(rate: float, noise: float, alpha: float) -> float:
    """The logarithm of the moment of any order, by its integral over the noise."""
    step = min(noise, noise**2) / POINTS_PER_WIDTH
    z = np.arange(-TAILS * noise, alpha + TAILS * noise, step)
    ratio = np.logaddexp(math.log1p(-rate), math.log(rate) + (2 * z - 1) / (2 * noise**2))
    density = -(z**2) / (2 * noise**2) - math.log(noise) - 0.5 * math.log(2 * math.pi)
    return float(np.logaddexp.reduce(density + alpha * ratio)) + math.log(step)


def epsilon_from_rdp(
    rdp: Sequence[float] | NDArray[np.float64], delta: float, orders: Sequence[float] = ORDERS
) -> tuple[float, float]:
    """The least epsilon that the divergences grant at delta, and the order that grants it.

    rdp: of a whole run, a value an order. Raises ValueError unless 0 < delta < 1, or where there
    is not one value, and no NaN, for each order.
    Source: Canonne, Kamath and Steinke 2020, proposition 12; as in Opacus.
    """
    _check_delta(delta)
    divergences, alphas = (np.asarray(values, dtype=np.float64) for values in (rdp, orders))
    if divergences.shape != alphas.shape or np.isnan(divergences).any():
        raise ValueError(f"there must be a divergence for each of the {len(alphas)} orders, no NaN")
    with np.errstate(invalid="ignore"):
        bounds = (
            divergences + np.log1p(-1 / alphas) - (math.log(delta) + np.log(alphas)) / (alphas - 1)
        )
    best = int(np.argmin(bounds))
    return max(0.0, float(bounds[best])), float(alphas[best])


def epsilon_after(
    steps: int, rate: float, noise: float, delta: float, orders: Sequence[float] = ORDERS
) -> float:
    """The epsilon of a run of so many steps, `inf` without noise.

    Raises ValueError where `subsampled_gaussian_rdp` or `epsilon_from_rdp` do, or for steps < 0.
    """
    _check_steps(steps)
    _check_delta(delta)
    divergences = subsampled_gaussian_rdp(rate, noise, orders)
    if steps == 0 or not divergences.any():
        return 0.0
    return epsilon_from_rdp(steps * divergences, delta, orders)[0]


def noise_for(
    epsilon: float, delta: float, rate: float, steps: int, tolerance: float = 1e-3
) -> float:
    """The least noise with which a run stays within (epsilon, delta), too large by `tolerance`.

    By halving an interval, since epsilon falls as noise grows. Raises ValueError unless
    0 < epsilon < inf, 0 < delta < 1, 0 < rate <= 1 and steps >= 1, or where no noise up to 10 000
    is enough.
    """
    if not 0 < tolerance < math.inf:
        raise ValueError(f"tolerance must be positive and finite, not {tolerance!r}")
    if not 0 < epsilon < math.inf:
        raise ValueError(f"epsilon must be positive and finite, not {epsilon!r}")
    _check_delta(delta)
    _check_rate(rate)
    _check_steps(steps)
    if rate == 0 or steps == 0:
        raise ValueError("where no sample is ever used, any noise will do: use rate and steps > 0")
    low, high = 0.0, 1.0
    while epsilon_after(steps, rate, high, delta) > epsilon:
        low, high = high, 2 * high
        if high > LARGEST_NOISE:
            raise ValueError(f"no noise up to {LARGEST_NOISE:g} grants epsilon {epsilon!r} here")
    while high - low > tolerance:
        middle = (low + high) / 2
        enough = middle > LEAST_NOISE and epsilon_after(steps, rate, middle, delta) <= epsilon
        low, high = (low, middle) if enough else (middle, high)
    return high


def _check_rate(rate: float) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"the sampling rate is a probability, from 0 to 1, not {rate!r}")


def _check_delta(delta: float) -> None:
    if not 0 < delta < 1:
        raise ValueError(f"delta must be above 0 and below 1, not {delta!r}")


def _check_steps(steps: int) -> None:
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 0:
        raise ValueError(f"steps must be a whole number from 0 up, not {steps!r}")

"""Power laws through measured losses: how fast more compute makes a loss fall."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import mean
from typing import Self

import numpy
from numpy.typing import ArrayLike

FLOORS = 200  # tried between nothing and the least loss


@dataclass(frozen=True)
class PowerLaw:
    """loss = floor + scale · compute^(-exponent)  (eq. cm-power)."""

    scale: float
    exponent: float
    floor: float = 0.0

    @classmethod
    def fit(cls, compute: ArrayLike, loss: ArrayLike, floor: float = 0.0) -> Self:
        """The straight line of least squares through logarithms.

        compute, loss: (n,) each, n >= 2, positive. Raises ValueError for others, for compute that
        is all the same, and where a loss is not above the floor.
        """
        x, y = (numpy.asarray(values, dtype=float) for values in (compute, loss))
        if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
            raise ValueError(f"compute and loss must be (n,) with n >= 2, not {x.shape}, {y.shape}")
        if not (numpy.isfinite(x).all() and (x > 0).all() and len(set(x.tolist())) > 1):
            raise ValueError("compute must be positive and finite, and not all the same")
        if not (numpy.isfinite(y).all() and (y > floor).all() and floor >= 0):
            raise ValueError(f"each loss must be finite and above the floor {floor:g}, from 0 up")
        slope, height = numpy.polyfit(numpy.log(x), numpy.log(y - floor), 1)
        return cls(float(numpy.exp(height)), float(-slope), floor)

    @classmethod
    def fit_with_floor(cls, compute: ArrayLike, loss: ArrayLike) -> Self:
        """The law whose floor, of many from 0 to the least loss, leaves the least squares.

        Three numbers from n points: raises ValueError for fewer than 4, and as `fit`.
        """
        x, y = (numpy.asarray(values, dtype=float) for values in (compute, loss))
        if x.ndim != 1 or len(x) < 4:
            raise ValueError(f"a law with a floor needs 4 points or more, not {x.shape}")
        cls.fit(x, y)  # raises for what no floor could mend
        laws = [cls.fit(x, y, float(f)) for f in numpy.linspace(0, y.min(), FLOORS, endpoint=False)]
        return min(laws, key=lambda law: float(numpy.square(law.predict(x) - y).sum()))

    def predict(self, compute: ArrayLike) -> numpy.ndarray:
        """The loss at so much compute, of the same shape."""
        return self.floor + self.scale * numpy.asarray(compute, dtype=float) ** -self.exponent


def frontier(compute: Sequence[float], loss: Sequence[float]) -> list[int]:
    """The numbers of the runs that no cheaper or equal run beats, from the cheapest up.

    Raises ValueError where the two differ in length or are empty.
    """
    if len(compute) != len(loss) or not len(loss):
        raise ValueError(f"each run needs compute and loss, not {len(compute)} and {len(loss)}")
    best, kept = float("inf"), []
    for i in sorted(range(len(loss)), key=lambda i: (compute[i], loss[i])):
        if loss[i] < best:
            best = loss[i]
            kept.append(i)
    return kept


def exponent_interval(
    compute: Sequence[float], losses: Sequence[Sequence[float]], covered: float = 0.95
) -> tuple[float, float]:
    """The exponents between which `covered` of all bootstrap samples of the seeds lie.

    compute: (n,). losses: (seeds, n). Every way to draw as many seeds with repetition is fitted at
    the means of its losses, so nothing is left to chance. It covers the seeds alone: not other
    texts, sizes, settings, or that the law is none. Raises ValueError for fewer than 2 seeds or
    more than 6, and as `fit`.
    """
    if not 2 <= len(losses) <= 6:
        raise ValueError(f"every resampling of 2 to 6 seeds is fitted, not of {len(losses)}")
    found = []
    for drawn in product(losses, repeat=len(losses)):
        means = [mean(values) for values in zip(*drawn, strict=True)]
        found.append(PowerLaw.fit(compute, means).exponent)
    low, high = numpy.quantile(found, [(1 - covered) / 2, (1 + covered) / 2])
    return float(low), float(high)

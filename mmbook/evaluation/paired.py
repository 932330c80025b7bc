"""Is a gain real? Differences of two systems seed by seed, their interval, and many at once."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import TypeVar

from scipy import stats

Name = TypeVar("Name")


@dataclass(frozen=True)
class PairedGain:
    """The mean of paired differences, its interval, and how probable so large a mean is by chance.

    low, high: where the interval ends. p: two-sided, of Student's t test that the mean is 0.
    """

    mean: float
    low: float
    high: float
    p: float


def paired_gain(differences: Sequence[float], confidence: float = 0.95) -> PairedGain:
    """Student's interval for the mean of differences, one for each seed.

    It covers what differs between the seeds and nothing else, and takes the differences for draws
    of a normal distribution. Where all are the same, the interval has no width, and p is 0, or 1
    where all are 0. Raises ValueError for fewer than two, for one that is not finite, and for a
    confidence outside (0, 1). Source: Student (1908).
    """
    values = [float(value) for value in differences]
    if len(values) < 2:
        raise ValueError(f"an interval needs two differences or more, not {len(values)}")
    if not all(map(math.isfinite, values)):
        raise ValueError(f"differences must be finite, not {values}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, not {confidence}")
    middle, error = mean(values), stdev(values) / math.sqrt(len(values))  # eq. ds-error
    freedom = len(values) - 1
    if error == 0:
        return PairedGain(middle, middle, middle, 0.0 if middle else 1.0)
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error  # eq. ds-interval
    p = 2 * float(stats.t.sf(abs(middle) / error, freedom))
    return PairedGain(middle, middle - half, middle + half, p)


def holm(p_values: Mapping[Name, float]) -> dict[Name, float]:
    """Each p, corrected for all that were looked at: below 0.05 holds for all of them together.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none is smaller than the
    one before it, or larger than 1. The probability that one or more of those below 0.05 is due to
    chance is then at most 0.05, however they hang together. The order of names is kept. Raises
    ValueError for a p outside [0, 1]. Source: Holm (1979), A simple sequentially rejective
    multiple test procedure.
    """
    for name, p in p_values.items():
        if not 0 <= p <= 1:
            raise ValueError(f"the p of {name!r} must be from 0 to 1, not {p}")
    corrected: dict[Name, float] = {}
    least = 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[name]))  # eq. ds-holm
        corrected[name] = least
    return {name: corrected[name] for name in p_values}

"""How the learning rate changes in a run.

A schedule is the shape of the way down: progress, from 0 at the end of the warm-up to 1 at the end
of the run, in; a fraction of the highest rate out. So it does not know how long a run is.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

from mmbook.training.config import TrainingConfig

Schedule = Callable[[float], float]


def constant(progress: float) -> float:
    """The highest rate to the end."""
    return 1.0


def linear(progress: float) -> float:
    """Down to zero in a straight line."""
    return 1 - progress


def cosine(progress: float) -> float:
    """Half a cosine down to zero: slow, fast, slow. Source: Loshchilov and Hutter (2017)."""
    return (1 + math.cos(math.pi * progress)) / 2


@dataclass(frozen=True)
class StepDecay:
    """Times `factor` at each of the points `at`, all from 0 to 1 and rising.

    Raises ValueError for other points, or a factor that is not from 0 to 1.
    """

    at: tuple[float, ...] = (0.5, 0.75)
    factor: float = 0.1

    def __post_init__(self) -> None:
        numbers = isinstance(self.at, tuple | list) and all(
            isinstance(point, Real) and 0 <= point <= 1 for point in self.at
        )
        if not numbers or list(self.at) != sorted(self.at):
            raise ValueError(f"at must be rising points from 0 to 1, not {self.at}")
        if not 0 < self.factor <= 1:
            raise ValueError(f"factor must be above 0 and at most 1, not {self.factor}")

    def __call__(self, progress: float) -> float:
        return self.factor ** sum(progress >= point for point in self.at)


@dataclass(frozen=True)
class LinearCooldown:
    """The highest rate until `start`, then down to zero in a line.

    The part before does not depend on the run's length, so a run can be prolonged from there.
    Raises ValueError for a start outside 0 ... 1. Source: Hägele et al. (2024).
    """

    start: float = 0.8

    def __post_init__(self) -> None:
        if not 0 <= self.start < 1:
            raise ValueError(f"start must be at least 0 and below 1, not {self.start}")

    def __call__(self, progress: float) -> float:
        return min(1.0, (1 - progress) / (1 - self.start))


def learning_rate_at(
    step: int, config: TrainingConfig, schedule: Schedule = cosine, highest: float | None = None
) -> float:
    """The learning rate of a step (from 0): a linear warm-up, then what the schedule says.

    highest: the rate at its top, by default that of the settings.
    """
    highest = config.learning_rate if highest is None else highest
    rising = round(config.warmup * config.steps)
    if step < rising:
        return highest * (step + 1) / rising
    progress = (step - rising) / max(1, config.steps - rising)
    return highest * schedule(min(progress, 1))

"""What a run records, and shows while it goes on."""

import math
import time
from dataclasses import dataclass, field

import torch
from torch import Tensor
from tqdm.auto import tqdm

from mmbook.training import distribution
from mmbook.training.config import TrainingConfig
from mmbook.training.schedules import Schedule, cosine, learning_rate_at

READ_EVERY = 20  # steps


@dataclass(frozen=True)
class History:
    """The record of a run: each step's loss and learning rate, and the seconds of them all.

    `validation_losses` holds what was measured after so many steps, where validation was asked for.
    """

    losses: list[float]
    learning_rates: list[float]
    seconds: float
    validation_losses: dict[int, float] = field(default_factory=dict)

    @property
    def steps_per_second(self) -> float:
        """The mean speed of the run."""
        return len(self.losses) / self.seconds

    @property
    def best_step(self) -> int:
        """After how many steps the validation loss was least; the model has the weights of then.

        Raises ValueError where nothing was validated.
        """
        return min(self.validation_losses, key=lambda step: self.validation_losses[step])


class Recorder:
    """Collects the losses of a run and shows a progress bar, until its `with` block ends.

    Losses stay on the device and are read many at once: a reading makes the CPU wait until the
    GPU is done, so one in every step would slow both down.
    """

    def __init__(self, config: TrainingConfig, progress: bool, schedule: Schedule = cosine) -> None:
        self.losses: list[float] = []
        self._config, self._schedule = config, schedule
        self._unread: list[Tensor] = []
        self._started = time.perf_counter()
        hidden = not (progress and distribution.is_main())
        self._bar = tqdm(total=config.steps, unit="step", disable=hidden)

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    @property
    def seconds(self) -> float:
        """The time that the run has taken, breaks left out."""
        return time.perf_counter() - self._started

    def resume(self, losses: list[float], seconds: float) -> None:
        """Goes on from the losses and the seconds of an interrupted run."""
        self.losses = losses
        self._started = time.perf_counter() - seconds
        self._bar.initial = self._bar.n = len(losses)

    def add(self, loss: Tensor) -> None:
        """Takes the loss of a step, times the weight of this process's share of the batch."""
        self._unread.append(loss.detach())
        step = len(self.losses) + len(self._unread)
        if step % READ_EVERY == 0 or step == self._config.steps:
            self.read()
            rate = learning_rate_at(step - 1, self._config, self._schedule)
            self._bar.set_postfix(loss=f"{self.losses[-1]:.3f}", lr=f"{rate:.1e}", refresh=False)
        self._bar.update()

    def read(self) -> None:
        """Moves what is unread into `losses`, as means over the processes.

        Raises FloatingPointError, naming the step (from 0), where a loss is not finite.
        """
        if not self._unread:
            return
        values = distribution.mean(torch.stack(self._unread)).tolist()
        for step, value in enumerate(values, start=len(self.losses)):
            if not math.isfinite(value):
                raise FloatingPointError(
                    f"the loss of step {step} is {value}; look for values that are not finite in "
                    "the samples, or lower the learning rate"
                )
        self.losses += values
        self._unread.clear()

    def history(self, validation_losses: dict[int, float]) -> History:
        """The record of the run so far."""
        self.read()
        steps = range(len(self.losses))
        rates = [learning_rate_at(step, self._config, self._schedule) for step in steps]
        return History(self.losses, rates, self.seconds, validation_losses)

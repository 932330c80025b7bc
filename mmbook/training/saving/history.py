"""What a run records, and shows while it goes on."""

import math
import time
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from tqdm.auto import tqdm

from mmbook.training.config import TrainingConfig
from mmbook.training.hardware import distribution
from mmbook.training.schedules import Schedule, cosine, learning_rate_at

READ_EVERY = 20  # steps


@dataclass(frozen=True)
class History:
    """The record of a run: each step's loss and learning rate, and the seconds of them all.

    `losses` are those of the first objective, `objective_losses` those of each. `validation_losses`
    holds what was measured after so many steps, where validation was asked for.
    """

    losses: list[float]
    learning_rates: list[float]
    seconds: float
    validation_losses: dict[int, float] = field(default_factory=dict)
    objective_losses: tuple[list[float], ...] = ()

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

    def __init__(
        self,
        config: TrainingConfig,
        progress: bool,
        schedule: Schedule = cosine,
        may_skip: bool = False,
    ) -> None:
        self.losses: list[list[float]] = []  # by step and objective
        self._config, self._schedule = config, schedule
        self._may_skip, self._skipped = may_skip, 0
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

    def state_dict(self) -> dict[str, Any]:
        """What a run that goes on must know."""
        self.read()
        return {"losses": self.losses, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on from what `state_dict` gave."""
        self.losses = state["losses"]
        self._started = time.perf_counter() - state["seconds"]
        self._bar.initial = self._bar.n = len(self.losses)

    def add(self, losses: list[Tensor], lengths: list[Tensor]) -> None:
        """Takes this process's shares of a step's losses, and the lengths of its gradients."""
        self._unread.append(torch.stack([*losses, *lengths]))
        step = len(self.losses) + len(self._unread)
        if step % READ_EVERY == 0 or step == self._config.steps:
            self.read()
            rate = learning_rate_at(step - 1, self._config, self._schedule)
            shown = f"{self.losses[-1][0]:.3f}"
            self._bar.set_postfix(loss=shown, lr=f"{rate:.1e}", refresh=False)
        self._bar.update()

    def read(self) -> None:
        """Moves what is unread into `losses`, as means over the processes.

        Raises FloatingPointError, naming the step (from 0), where a loss or the length of a
        gradient is not finite. A scaler skips a step for the latter: then not before as many such
        steps in a row as are read at once.
        """
        if not self._unread:
            return
        rows = distribution.mean(torch.stack(self._unread)).tolist()
        self._unread.clear()
        for step, row in enumerate(rows, start=len(self.losses)):
            losses, lengths = row[: len(row) // 2], row[len(row) // 2 :]
            self._check(step, losses, lengths)
            self.losses.append(losses)

    def _check(self, step: int, losses: list[float], lengths: list[float]) -> None:
        if bad := [value for value in losses if not math.isfinite(value)]:
            raise FloatingPointError(
                f"the loss of step {step} is {bad[0]}; look for values that are not finite in "
                "the samples, or lower the learning rate"
            )
        bad = [value for value in lengths if not math.isfinite(value)]
        self._skipped = self._skipped + 1 if bad else 0
        if bad and (not self._may_skip or self._skipped == READ_EVERY):
            raise FloatingPointError(
                f"the gradient of step {step} has a length of {bad[0]}; look for what divides by "
                "zero, takes a root or a logarithm of it, or makes the loss too large"
            )

    def history(self, validation_losses: dict[int, float]) -> History:
        """The record of the run so far."""
        self.read()
        steps = range(len(self.losses))
        rates = [learning_rate_at(step, self._config, self._schedule) for step in steps]
        by_objective = tuple([list(values) for values in zip(*self.losses, strict=True)])
        first = by_objective[0] if by_objective else []
        return History(first, rates, self.seconds, validation_losses, by_objective)

"""Judging a run on samples that it does not learn from, and stopping it in time."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.batch import Source, batches
from mmbook.training.hardware import distribution
from mmbook.training.objectives import ModelLoss


@dataclass(frozen=True)
class Validation:
    """What a run is judged on, how often, and when it has failed to improve for too long.

    After every `every` steps the mean loss over `samples` is measured. The run ends with the
    weights of the least loss, and stops once `patience` measurements in a row were not below it;
    0 means that it never stops early. loss: by default that of the run's first objective.

    Raises ValueError for a value out of its range, and where there are no samples.
    """

    samples: Source
    every: int = 100
    patience: int = 0
    batch_size: int = 500
    loss: ModelLoss | None = None

    def __post_init__(self) -> None:
        if not len(self.samples):
            raise ValueError("there are no samples to validate on")
        for name, least in {"every": 1, "patience": 0, "batch_size": 1}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number from {least} up, not {value!r}")


class EarlyStopping:
    """A hook that measures a run as its `Validation` says, and keeps the best weights."""

    def __init__(
        self, validation: Validation | None, loss: ModelLoss, autocast: torch.autocast
    ) -> None:
        self.validation, self.autocast = validation, autocast
        self.loss = validation.loss if validation and validation.loss else loss
        self.losses: dict[int, float] = {}  # by the number of steps done
        self.best: dict[str, Tensor] = {}

    @property
    def best_step(self) -> int:
        """The number of steps after which the loss was least."""
        return min(self.losses, key=lambda step: self.losses[step])

    def after(self, step: int, model: nn.Module) -> bool:
        """Measures, if that is due; says whether the loss has not fallen for too long.

        Raises FloatingPointError where the loss is not finite.
        """
        done = step + 1
        if self.validation is None or done % self.validation.every:
            return False
        self.losses[done] = self._measure(self.validation, model)
        if not math.isfinite(self.losses[done]):
            raise FloatingPointError(
                f"the validation loss after step {step} is {self.losses[done]}; look for values "
                "that are not finite in the samples to validate on, or lower the learning rate"
            )
        if self.best_step == done:
            state = model.state_dict()
            self.best = {name: value.detach().clone() for name, value in state.items()}
        since = [step for step in self.losses if step > self.best_step]
        return 0 < self.validation.patience <= len(since)

    @torch.no_grad()
    def _measure(self, validation: Validation, model: nn.Module) -> float:
        device = next(model.parameters()).device
        model.eval()
        total, count = torch.zeros((), device=device), 0
        for batch in batches(validation.samples, validation.batch_size):
            with self.autocast:
                loss = self.loss(model, batch.to(device))
            total, count = total + loss.total, count + loss.count
        model.train()
        # All processes must decide alike, and running statistics differ a little between them.
        return distribution.mean(total / count).item()

    def take_best(self, model: nn.Module) -> None:
        """Puts the best weights into the model, if anything was measured."""
        if self.best:
            model.load_state_dict(self.best)

    def state_dict(self) -> dict[str, Any]:
        """What a run that goes on must know; nothing where nothing is measured."""
        return {"losses": self.losses, "best": self.best} if self.validation else {}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        """Takes up what `state_dict` gave."""
        self.losses, self.best = state["losses"], state["best"]

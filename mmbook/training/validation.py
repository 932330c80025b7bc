"""Judging a run on samples that it does not learn from, and stopping it in time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.training import distribution


@dataclass(frozen=True)
class Validation:
    """What a run is judged on, how often, and when it has failed to improve for too long.

    After every `every` steps the mean loss over `samples` is measured. The run ends with the
    weights of the least loss, and stops once `patience` measurements in a row were not below it;
    0 means that it never stops early.

    Raises ValueError for a value out of its range, and where there are no samples.
    """

    samples: Batch
    every: int = 100
    patience: int = 0
    batch_size: int = 500

    def __post_init__(self) -> None:
        if not len(self.samples):
            raise ValueError("there are no samples to validate on")
        for name, least in {"every": 1, "patience": 0, "batch_size": 1}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number from {least} up, not {value!r}")


class EarlyStopping:
    """Measures a run as its `Validation` says, and keeps the best weights; without one, nothing."""

    def __init__(
        self,
        validation: Validation | None,
        model: nn.Module,
        loss: Callable[[Any, Tensor], Tensor],
        autocast: torch.autocast,
    ) -> None:
        self.validation, self.model, self.loss, self.autocast = validation, model, loss, autocast
        self.losses: dict[int, float] = {}  # by the number of steps done
        self.best: dict[str, Tensor] = {}

    @property
    def best_step(self) -> int:
        """The number of steps after which the loss was least."""
        return min(self.losses, key=lambda step: self.losses[step])

    @property
    def has_ended(self) -> bool:
        """Whether the loss has not fallen below its least for too long."""
        if self.validation is None or not self.validation.patience or not self.losses:
            return False
        since = [step for step in self.losses if step > self.best_step]
        return len(since) >= self.validation.patience

    def look(self, done: int) -> None:
        """Measures, if that is due when `done` steps are done."""
        if self.validation is None or done % self.validation.every:
            return
        self.losses[done] = self._measure(self.validation)
        if self.best_step == done:
            state = self.model.state_dict()
            self.best = {name: value.detach().clone() for name, value in state.items()}

    @torch.no_grad()
    def _measure(self, validation: Validation) -> float:
        device = next(self.model.parameters()).device
        self.model.eval()
        total = torch.zeros((), device=device)
        for batch in validation.samples.batches(validation.batch_size):
            batch = batch.to(device)
            with self.autocast:
                total += self.loss(self.model(batch.inputs), batch.targets) * len(batch)
        self.model.train()
        # All processes must decide alike, and running statistics differ a little between them.
        return distribution.mean(total / len(validation.samples)).item()

    def take_best(self) -> None:
        """Puts the best weights into the model, if anything was measured."""
        if self.best:
            self.model.load_state_dict(self.best)

    def state_dict(self) -> dict[str, Any]:
        """What a run that goes on must know."""
        return {"losses": self.losses, "best": self.best}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes up what `state_dict` gave."""
        self.losses, self.best = state["losses"], state["best"]

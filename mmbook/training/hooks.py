"""What looks at a model after each step, and is saved and resumed with the run."""

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from mmbook.training.saving.checkpoints import CheckpointError


class Hook(Protocol):
    """Called after each step; one that keeps nothing has an empty state.

    Where several processes train, all call it, and all must be told alike to end.
    """

    def after(self, step: int, model: nn.Module) -> bool | None:
        """Looks at the model after a step (from 0); true ends the run."""
        ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any], /) -> None: ...


class ExponentialMovingAverage:
    """The mean of a model's state over the last steps: θ̄ ← decay · θ̄ + (1 − decay) · θ.

    average: the state by name, from the first step on, for `model.load_state_dict`. What is not
    floating point, such as a count, is copied. Raises ValueError unless 0 <= decay < 1.
    Source: Polyak and Juditsky (1992).
    """

    def __init__(self, decay: float = 0.999) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be at least 0 and below 1, not {decay!r}")
        self.decay = decay
        self.average: dict[str, Tensor] = {}

    @torch.no_grad()
    def after(self, step: int, model: nn.Module) -> None:
        """Takes the model's state into the mean."""
        for name, value in model.state_dict().items():
            if name not in self.average:
                self.average[name] = value.detach().clone()
                continue
            self.average[name] = kept = self.average[name].to(value.device)
            if value.is_floating_point():
                kept.lerp_(value, 1 - self.decay)
            else:
                kept.copy_(value)

    def state_dict(self) -> dict[str, Any]:
        """The decay and the mean."""
        return {"decay": self.decay, "average": self.average}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        """Takes up what `state_dict` gave; raises CheckpointError for that of another decay."""
        if state["decay"] != self.decay:
            raise CheckpointError(f"the mean is one with a decay of {state['decay']}")
        self.average = dict(state["average"])

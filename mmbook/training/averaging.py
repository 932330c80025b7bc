"""A network together with the mean of its weights, and what batch normalisation knows of it."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from mmbook.training.config import TrainingConfig
from mmbook.training.hooks import ExponentialMovingAverage
from mmbook.training.optimisers.makers import MakeOptimiser


class Averaged(nn.Module):
    """A network that learns, and beside it the mean of its states over the last steps.

    Called, it is the network. `mean` is another network of the same form, which never gets a
    gradient; both are in its state, so that they are saved and resumed together. In step k the mean
    keeps min(decay, (1 + k) / (10 + k)) of itself: at first it follows closely, as the first
    weights are worth nothing. Raises ValueError as `ExponentialMovingAverage` does.
    """

    steps: Tensor

    def __init__(self, network: nn.Module, decay: float = 0.999) -> None:
        super().__init__()
        self.decay = ExponentialMovingAverage(decay).decay
        self.network = network
        self.mean = copy.deepcopy(network).requires_grad_(False)
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, *inputs: Any, **named: Any) -> Any:
        return self.network(*inputs, **named)

    def take(self) -> None:
        """Takes the network's state into the mean."""
        step = int(self.steps)
        average = ExponentialMovingAverage(min(self.decay, (1 + step) / (10 + step)))
        average.average = self.mean.state_dict()  # the tensors themselves, moved where they are
        average.after(step, self.network)
        self.steps += 1


def averaging(make: MakeOptimiser, module: nn.Module, config: TrainingConfig) -> Optimizer:
    """The optimiser of an `Averaged`, whose mean takes in what each of its steps has led to.

    make: makes the optimiser; bind it by `functools.partial(averaging, make)`. Raises ValueError
    for another module.
    """
    if not isinstance(module, Averaged):
        raise ValueError(f"only an Averaged has a mean to move, not a {type(module).__name__}")
    optimiser = make(module, config)
    optimiser.register_step_post_hook(lambda *_: module.take())
    return optimiser


@contextmanager
def estimating_statistics(module: nn.Module) -> Iterator[None]:
    """Batch normalisations forget their statistics and take the plain mean of what passes inside.

    Averaged weights have other statistics than any network they are an average of. All else stays
    in its mode, and so does everything afterwards. Source: Izmailov et al. (2018).
    """
    norms = [part for part in module.modules() if isinstance(part, _BatchNorm)]
    kept = [(norm, norm.momentum, norm.training) for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum, norm.training = None, True
    try:
        with torch.no_grad():
            yield
    finally:
        for norm, momentum, training in kept:
            norm.momentum, norm.training = momentum, training

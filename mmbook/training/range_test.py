"""Finding a learning rate in one short run, in which it rises until training breaks."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mmbook.batch import Batch
from mmbook.training.config import TrainingConfig
from mmbook.training.devices import pick_device
from mmbook.training.optimisers.makers import MakeOptimiser, adamw
from mmbook.training.randomness import batch_order, derived_seed, seed_everything

TOO_HIGH = 4.0  # times the first loss; a run that gets there has broken


@dataclass(frozen=True)
class RangeTest:
    """What a range test saw: each step's learning rate and loss, until the run broke."""

    learning_rates: list[float]
    losses: list[float]

    @property
    def smoothed(self) -> list[float]:
        """Each loss as the mean of those around it, a tenth of the steps in all."""
        reach = max(1, len(self.losses) // 20)
        windows = (self.losses[max(0, i - reach) : i + reach + 1] for i in range(len(self.losses)))
        return [sum(window) / len(window) for window in windows]

    @property
    def steepest(self) -> float:
        """The rate at which the smoothed loss falls fastest, over the logarithm of the rate.

        Raises ValueError where the loss never fell.
        """
        smoothed = self.smoothed
        lowest = smoothed.index(min(smoothed))
        if lowest < 2:
            raise ValueError("the loss fell at no rate; test lower ones, or look for a mistake")
        falls = [smoothed[i - 1] - smoothed[i + 1] for i in range(1, lowest)]
        return self.learning_rates[1 + falls.index(max(falls))]

    @property
    def least(self) -> float:
        """The rate at which the smoothed loss is least; too high to train with."""
        smoothed = self.smoothed
        return self.learning_rates[smoothed.index(min(smoothed))]


def range_test(
    model: nn.Module,
    samples: Batch,
    config: TrainingConfig,
    *,
    loss: Callable[[Any, Tensor], Tensor] = cross_entropy,
    make_optimiser: MakeOptimiser = adamw,
    augment: Callable[[Batch], Batch] | None = None,
    lowest: float = 1e-6,
    highest: float = 10.0,
) -> RangeTest:
    """Trains a copy of the model while the learning rate rises from `lowest` to `highest`.

    The rate is multiplied by the same factor in each of `config.steps` steps; the run ends where
    the loss is not finite or more than four times the first. The model stays as it is. `loss`,
    `make_optimiser`, `augment`: as in `fit`.

    Raises ValueError for fewer than 10 steps, no samples, or rates that do not rise, and
    FloatingPointError where training breaks in the first 10 steps.
    Source: Smith (2017), Cyclical Learning Rates for Training Neural Networks.
    """
    if config.steps < 10 or not len(samples) or not 0 < lowest < highest < math.inf:
        raise ValueError(
            "a range test needs 10 steps or more, samples, and 0 < lowest < highest; not "
            f"{config.steps} steps, {len(samples)} samples, and {lowest} to {highest}"
        )
    device = pick_device(config.device)
    model = copy.deepcopy(model).to(device).train()
    optimiser = make_optimiser(model, config)
    order = batch_order(len(samples), config.batch_size, config.seed)
    factor = (highest / lowest) ** (1 / (config.steps - 1))
    rates, losses = [], []
    for step in range(config.steps):
        seed_everything(derived_seed("step", config.seed, step))
        batch = samples[next(order)].to(device)
        batch = augment(batch) if augment else batch
        value = loss(model(batch.inputs), batch.targets)
        rates.append(lowest * factor**step)
        losses.append(value.item())
        if not losses[-1] <= TOO_HIGH * losses[0]:  # so that NaN ends it too
            break
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
        for group in optimiser.param_groups:
            group["lr"] = rates[-1]
        optimiser.step()
        optimiser.zero_grad()
    if len(losses) < 10:
        raise FloatingPointError(
            f"the loss was {losses[-1]} after {len(losses)} steps, with rates from {lowest} up; "
            "begin lower, or look for values that are not finite in the samples"
        )
    return RangeTest(rates, losses)

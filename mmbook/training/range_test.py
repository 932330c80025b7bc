"""Finding a learning rate in one short run, in which it rises until training breaks."""

import copy
import math
from dataclasses import dataclass, replace

from torch import nn

from mmbook.batch import Source
from mmbook.training.config import TrainingConfig
from mmbook.training.hardware import distribution
from mmbook.training.hardware.devices import pick_device
from mmbook.training.loop import Augment, batches_of, stream_of
from mmbook.training.objectives import CLASSIFICATION, Objective
from mmbook.training.randomness import derived_seed, seed_everything
from mmbook.training.steps import Stepper
from mmbook.training.streams import Stream

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
    data: Source | Stream,
    config: TrainingConfig,
    objective: Objective = CLASSIFICATION,
    *,
    augment: Augment | None = None,
    lowest: float = 1e-6,
    highest: float = 10.0,
) -> RangeTest:
    """Trains a copy of the model while the learning rate rises from `lowest` to `highest`.

    The rate is multiplied by the same factor in each of `config.steps` steps (where groups of
    parameters have rates of their own, all are). The run ends where the loss or the length of its
    gradient is not finite, or the loss more than four times the first. The model stays as it is.
    `data`, `objective` and `augment` are as in `fit`.

    Raises ValueError for fewer than 10 steps, no samples, or rates that do not rise, and
    FloatingPointError where training breaks in the first 10 steps.
    Source: Smith (2017), Cyclical Learning Rates for Training Neural Networks.
    """
    if config.steps < 10 or not 0 < lowest < highest < math.inf:
        raise ValueError(
            "a range test needs 10 steps or more, and 0 < lowest < highest; not "
            f"{config.steps} steps, and {lowest} to {highest}"
        )
    device, stream = pick_device(config.device), stream_of(data, config)
    model = copy.deepcopy(model).to(device).train()
    factor = (highest / lowest) ** (1 / (config.steps - 1))
    rising = replace(config, warmup=0.0)

    def schedule(progress: float) -> float:
        return lowest * factor ** (progress * config.steps) / config.learning_rate

    distribution.join_processes(device)
    stepper = Stepper(model, objective, rising, schedule, device)
    rates, losses, lengths = [], [], []
    for step in range(config.steps):
        seed_everything(derived_seed("step", config.seed, step, distribution.rank()))
        batches = batches_of(stream, step, config, device, augment)
        model.train()  # whatever mode an augmentation has left
        found, lengths = stepper.take(step, batches)
        rates.append(lowest * factor**step)
        losses.append(distribution.mean(found[0]).item())
        moved = lengths[0].isfinite().item() or stepper.scaler.is_enabled()
        if not (moved and losses[-1] <= TOO_HIGH * losses[0]):  # so that NaN ends it too
            break
    if len(losses) < 10:
        raise FloatingPointError(
            f"the loss was {losses[-1]} and its gradient {lengths[0].item()} long after "
            f"{len(losses)} steps, with rates from {lowest} up; begin lower, or look for values "
            "that are not finite in the samples"
        )
    return RangeTest(rates, losses)

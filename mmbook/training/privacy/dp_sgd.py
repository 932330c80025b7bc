"""Differentially private stochastic gradient descent: sample, clip, add noise, step."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.training.optimisers.gradient_descent import SGD
from mmbook.training.privacy.accounting import epsilon_after
from mmbook.training.privacy.gradients import (
    Gradients,
    Inputs,
    SampleLoss,
    check_samples,
    clip_factors,
    per_sample_gradients,
    per_sample_norms,
)


@dataclass(frozen=True)
class PrivateConfig:
    """The settings of one private run.

    batch_size: samples that a step uses on average, each drawn on its own. noise: the standard
    deviation of the noise, in clipping norms; 0 gives no privacy. clip: the longest gradient of a
    sample; `inf` lets all through and needs noise 0. chunk: samples whose gradients are in memory
    at once. learning_rate falls to zero along a line in the last part `cooldown` of the steps.

    Raises ValueError for a value out of its range.
    """

    steps: int = 200
    batch_size: int = 256
    learning_rate: float = 0.5
    momentum: float = 0.0
    clip: float = 1.0
    noise: float = 1.0
    delta: float = 1e-5
    cooldown: float = 0.0
    chunk: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in {"steps": 1, "batch_size": 1, "chunk": 1, "seed": 0}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} must be a whole number from {least} up, not {value!r}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate must be positive, not {self.learning_rate!r}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, not {self.momentum!r}")
        if not self.clip > 0:
            raise ValueError(f"clip must be positive, not {self.clip!r}")
        if not 0 <= self.noise < math.inf:
            raise ValueError(f"noise must be zero or positive and finite, not {self.noise!r}")
        if self.noise and math.isinf(self.clip):
            raise ValueError("noise is measured in clipping norms, so it needs a finite clip")
        if not 0 < self.delta < 1:
            raise ValueError(f"delta must be above 0 and below 1, not {self.delta!r}")
        if not 0 <= self.cooldown <= 1:
            raise ValueError(f"cooldown must be a share from 0 to 1, not {self.cooldown!r}")

    def rate(self, samples: int) -> float:
        """The probability with which each of so many samples takes part in a step.

        Raises ValueError where that would be above 1.
        """
        if self.batch_size > samples:
            raise ValueError(
                f"a batch of {self.batch_size} out of {samples} samples would need a sampling "
                f"rate above 1; use at most {samples}"
            )
        return self.batch_size / samples

    def epsilon(self, samples: int, steps: int | None = None) -> float:
        """The epsilon of the whole run on so many samples, or of its first steps."""
        steps = self.steps if steps is None else steps
        return epsilon_after(steps, self.rate(samples), self.noise, self.delta)


@dataclass(frozen=True)
class PrivateHistory:
    """What a run knows of itself. All but epsilon is of the samples as they are: it is not private.

    lengths: of the samples' gradients, the mean of each step, NaN where none was drawn. clipped:
    the share that were longer than the clipping norm. drawn: how many samples took part.
    """

    lengths: list[float]
    clipped: list[float]
    drawn: list[int]
    epsilon: float


def poisson_sample(samples: int, rate: float, generator: torch.Generator) -> Tensor:
    """The places of the samples that take part in a step, each on its own with this probability.

    Returns (k,) int64, rising; k differs from step to step and may be 0. Raises ValueError for a
    rate outside [0, 1].
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"the sampling rate is a probability, from 0 to 1, not {rate!r}")
    return (torch.rand(samples, generator=generator) < rate).nonzero().flatten()


def private_gradient(
    model: nn.Module,
    inputs: Inputs,
    targets: Tensor,
    config: PrivateConfig,
    generator: torch.Generator,
    loss: SampleLoss = F.cross_entropy,
) -> tuple[Gradients, Tensor]:
    """The clipped and noisy gradient of a step, divided by the batch size that was expected.

    Returns {name: shape of the parameter} and the lengths of the samples' gradients before
    clipping, (n,). A step without samples is noise alone. To divide by the number that was drawn
    would give it away. Source: Abadi et al. 2016, algorithm 1.
    """
    learned = {name: p for name, p in model.named_parameters() if p.requires_grad}
    total = {name: torch.zeros_like(p) for name, p in learned.items()}
    lengths = []
    for start in range(0, len(targets), config.chunk):
        part = slice(start, start + config.chunk)
        each = per_sample_gradients(model, _rows(inputs, part), targets[part], loss)
        lengths.append(per_sample_norms(each))
        factors = clip_factors(lengths[-1], config.clip)
        for name, g in each.items():
            total[name] += torch.tensordot(factors, g, dims=1)  # (*shape), summed over samples
    for values in total.values():
        if config.noise:
            drawn = torch.randn(values.shape, generator=generator, dtype=values.dtype)
            values += config.noise * config.clip * drawn.to(values.device)
        values /= config.batch_size
    return total, torch.cat(lengths) if lengths else torch.zeros(0)


def fit_privately(
    model: nn.Module,
    inputs: Inputs,
    targets: Tensor,
    config: PrivateConfig,
    loss: SampleLoss = F.cross_entropy,
) -> PrivateHistory:
    """Train a model in place by DP-SGD; all samples are tensors in memory.

    inputs: (n, ...), or several by name. targets: (n, ...). The model is left in evaluation mode.
    Raises ValueError where `PrivateConfig.rate` or `per_sample_gradients` do, for fewer inputs than
    targets or more, and
    FloatingPointError where a gradient or a weight is not finite.
    """
    check_samples(inputs, targets)
    rate = config.rate(len(targets))
    generator = torch.Generator().manual_seed(config.seed)
    optimiser = SGD(
        [p for p in model.parameters() if p.requires_grad],
        lr=config.learning_rate,
        momentum=config.momentum,
    )
    history: tuple[list[float], list[float], list[int]] = ([], [], [])
    model.train()
    for step in range(config.steps):
        rows = poisson_sample(len(targets), rate, generator)
        gradients, lengths = private_gradient(
            model, _rows(inputs, rows), targets[rows], config, generator, loss
        )
        for name, p in model.named_parameters():
            p.grad = gradients.get(name)
        left = (config.steps - step) / (config.cooldown * config.steps) if config.cooldown else 1
        optimiser.param_groups[0]["lr"] = config.learning_rate * min(1.0, left)
        optimiser.step()
        history[0].append(float(lengths.mean()) if len(lengths) else math.nan)
        history[1].append(float((lengths > config.clip).float().mean()) if len(lengths) else 0.0)
        history[2].append(len(rows))
    for name, p in model.named_parameters():
        if not p.isfinite().all():
            raise FloatingPointError(f"{name} is not finite; lower the learning rate")
    model.eval()
    return PrivateHistory(*history, config.epsilon(len(targets)))


def _rows(inputs: Inputs, rows: Tensor | slice) -> Inputs:
    if isinstance(inputs, Tensor):
        return inputs[rows]
    return {name: values[rows] for name, values in inputs.items()}

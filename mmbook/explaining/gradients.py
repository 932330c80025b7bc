"""Explanations by the slope of a score: at the input, around it, and on the way to it."""

import torch
from torch import Tensor, nn

from mmbook.explaining.scores import (
    check_type,
    check_whole,
    checked_baseline,
    checked_inputs,
    chosen,
)
from mmbook.layers.modes import evaluating


def gradient(model: nn.Module, inputs: Tensor, target: Tensor | int) -> Tensor:
    """How fast the target's score rises with each number of the input: the shape of the inputs.

    inputs: (n, ...), float; model(inputs): (n, classes), a sample a row. target: (n,), or one for
    all. In evaluation mode; no parameter gets a gradient. Its absolute value is a saliency map.
    Raises ValueError as `target_scores` does, and where the scores do not depend on the inputs.
    Source: Simonyan et al. 2014. Chapter `explainability`, eq. ex-slope.
    """
    return slope_of(model, checked_inputs(inputs), target)


def gradient_times_input(
    model: nn.Module, inputs: Tensor, target: Tensor | int, baseline: Tensor | float = 0.0
) -> Tensor:
    """The gradient times how far the input is from a baseline; of a linear model, its whole answer.

    baseline: a number, or what fits the inputs. The rest and the errors are those of `gradient`.
    Source: Shrikumar et al. 2016.
    """
    x = checked_inputs(inputs)
    return (x - checked_baseline(baseline, x)) * slope_of(model, x, target)


def integrated_gradients(
    model: nn.Module,
    inputs: Tensor,
    target: Tensor | int,
    baseline: Tensor | float = 0.0,
    steps: int = 64,
) -> Tensor:
    """The gradient's mean on the straight way from a baseline, times the way's length.

    Over a sample they sum to score(input) - score(baseline), but for the error of a sum in the
    place of an integral: midpoints of so many steps. baseline: a number, or what fits the inputs.
    Raises ValueError for no steps; else as `gradient`. Source: Sundararajan et al. 2017.
    Chapter `explainability`, eq. ex-path.
    """
    check_whole("steps", steps)
    x = checked_inputs(inputs)
    base = checked_baseline(baseline, x)
    total = torch.zeros_like(x)
    for step in range(steps):
        total += slope_of(model, base + (step + 0.5) / steps * (x - base), target)
    return (x - base) * total / steps


def smooth_gradient(
    model: nn.Module,
    inputs: Tensor,
    target: Tensor | int,
    noise: float,
    samples: int = 25,
    seed: int = 0,
) -> Tensor:
    """The mean gradient over noisy copies of the input (SmoothGrad): the shape of the inputs.

    noise: standard deviation, in the units of the inputs. The same seed gives the same noise.
    Raises ValueError for noise below 0 or no samples; else as `gradient`. Source: Smilkov et al.
    2017.
    """
    check_whole("samples", samples)
    if not 0 <= noise < float("inf"):
        raise ValueError(f"noise must be 0 or more, and finite, not {noise!r}")
    x = checked_inputs(inputs)
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros_like(x)
    for _ in range(samples):
        grain = torch.randn(x.shape, generator=generator).to(x)
        total += slope_of(model, x + noise * grain, target)
    return total / samples


def slope_of(model: nn.Module, inputs: Tensor, target: Tensor | int) -> Tensor:
    """What `gradient` returns, for inputs that were checked already."""
    return slopes_and_scores(model, inputs, target)[0]


def slopes_and_scores(
    model: nn.Module, inputs: Tensor, target: Tensor | int
) -> tuple[Tensor, Tensor]:
    """The gradient, and the score (n,) of which it is one, for inputs that were checked already."""
    check_type(model, inputs)
    with torch.inference_mode(False), torch.enable_grad(), evaluating(model):
        x = inputs.clone().requires_grad_()
        scores = chosen(model(x), target, len(x))
        if not scores.requires_grad:
            raise ValueError("the scores do not depend on the inputs: is a gradient cut off?")
        # Rows do not meet, so their sum parts them.
        (slopes,) = torch.autograd.grad(scores.sum(), x, allow_unused=True)
    if slopes is None:
        raise ValueError("the scores do not depend on the inputs: is a gradient cut off?")
    return slopes.detach(), scores.detach()

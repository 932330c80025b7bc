"""The one number that an explanation is about: the score of a class, of each sample."""

from typing import Any

import torch
from torch import Tensor, nn

from mmbook.layers.modes import evaluating


class LogProbabilities(nn.Module):
    """A classifier whose scores are log probabilities: what it takes, and (n, classes).

    Scores may all be moved by one number without changing an answer, so scores of different inputs
    compare only as log probabilities do.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *given: Any, **named: Any) -> Tensor:
        return self.model(*given, **named).log_softmax(dim=-1)


class OneSense(nn.Module):
    """A model of {sense: input} asked with the tensor of one sense, the others left out."""

    def __init__(self, model: nn.Module, sense: str) -> None:
        super().__init__()
        self.model, self.sense = model, sense

    def forward(self, inputs: Tensor) -> Tensor:
        return self.model({self.sense: inputs})


def target_scores(model: nn.Module, inputs: Tensor, target: Tensor | int) -> Tensor:
    """The score of each sample's target, (n,), in evaluation mode and without gradients.

    inputs: (n, ...), float. target: (n,), classes, or one for all. Raises ValueError for inputs
    that are no finite floats, or of another precision than the model, scores that are not finite
    (n, classes), and a target that is none.
    """
    x = checked_inputs(inputs)
    check_type(model, x)
    with torch.no_grad(), evaluating(model):
        return chosen(model(x), target, len(x))


def check_type(model: nn.Module, inputs: Tensor) -> None:
    """Raises ValueError where a model's numbers are of another precision than its inputs."""
    types = {p.dtype for p in model.parameters() if p.is_floating_point()}
    if len(types) == 1 and inputs.dtype not in types:
        raise ValueError(
            f"the inputs are {inputs.dtype}, but the model is {types.pop()}: convert one of them"
        )


def check_whole(name: str, value: int, least: int = 1) -> None:
    """Raises ValueError unless a setting is a whole number, large enough."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be {least} or more, a whole number, not {value!r}")


def checked_inputs(inputs: Tensor, name: str = "inputs") -> Tensor:
    """Inputs (n, ...) apart from the caller's graph. Raises ValueError unless finite floats."""
    if not inputs.is_floating_point():
        raise ValueError(
            f"{name} must be floating point, not {inputs.dtype}: whole numbers have no gradient; "
            "convert pixels, and explain embeddings in the place of ids"
        )
    if inputs.ndim < 2 or 0 in inputs.shape:
        raise ValueError(f"{name} must be (n, ...) with n > 0, not {tuple(inputs.shape)}")
    if not inputs.isfinite().all():
        raise ValueError(f"{name} must be finite, but hold NaN or infinity")
    return inputs.detach().clone()  # a clone also of what inference mode made


def chosen(scores: Tensor, target: Tensor | int, count: int) -> Tensor:
    """The score of the target in each row, (n,). Raises ValueError as `target_scores` does."""
    if scores.ndim != 2 or len(scores) != count:
        raise ValueError(
            f"the model must return scores ({count}, classes), not {tuple(scores.shape)}"
        )
    if not scores.isfinite().all():
        raise ValueError("the model's scores must be finite, but hold NaN or infinity")
    wanted = torch.as_tensor(target, device=scores.device)
    if wanted.is_floating_point() or wanted.is_complex() or wanted.dtype == torch.bool:
        raise ValueError(f"target must be whole numbers, not {wanted.dtype}")
    if wanted.ndim == 0:
        wanted = wanted.expand(count)
    classes = scores.shape[1]
    if wanted.shape != (count,) or not ((wanted >= 0) & (wanted < classes)).all():
        raise ValueError(
            f"target must be one class or ({count},), each in [0, {classes}), "
            f"not {wanted.tolist() if wanted.numel() < 9 else tuple(wanted.shape)}"
        )
    return scores.gather(1, wanted.long().unsqueeze(1)).squeeze(1)


def checked_baseline(baseline: Tensor | float, inputs: Tensor, name: str = "baseline") -> Tensor:
    """A baseline in the shape of the inputs. Raises ValueError where it does not fit."""
    base = torch.as_tensor(baseline, dtype=inputs.dtype, device=inputs.device)
    try:
        base = base.expand_as(inputs)
    except RuntimeError as error:
        raise ValueError(
            f"{name} must fit inputs {tuple(inputs.shape)}, not {tuple(base.shape)}"
        ) from error
    if not base.isfinite().all():
        raise ValueError(f"{name} must be finite, but holds NaN or infinity")
    return base.detach().clone()

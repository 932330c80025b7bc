"""Explanations by taking away, and the test of any explanation by taking away what it names."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmbook.explaining.scores import (
    check_whole,
    checked_baseline,
    checked_inputs,
    target_scores,
)


def occlusion(
    model: nn.Module,
    inputs: Tensor,
    target: Tensor | int,
    size: int,
    step: int | None = None,
    baseline: Tensor | float = 0.0,
) -> Tensor:
    """By how much the target's score falls when a square is painted over: (n, rows, columns).

    inputs: (n, ..., height, width), float. size: of the square; step: from one to the next, by
    default the size. The last ones may hang over the edge, so that every place is painted once or
    more. baseline: the paint, a number or what fits the inputs. Raises ValueError for a size or a
    step that does not fit, and as `target_scores` does. Source: Zeiler and Fergus 2014.
    Chapter `explainability`, eq. ex-erase.
    """
    x, step = checked_inputs(inputs), size if step is None else step
    check_whole("size", size)
    check_whole("step", step)
    paint = checked_baseline(baseline, x)
    if x.ndim < 3 or not 1 <= size <= min(x.shape[-2:]) or not 1 <= step <= size:
        raise ValueError(
            f"squares need 1 <= step <= size <= height and width, not step {step}, size {size} "
            f"and inputs {tuple(x.shape)}"
        )
    whole = target_scores(model, x, target)
    tops, lefts = (_starts(length, size, step) for length in x.shape[-2:])
    falls = []
    for top in tops:
        for left in lefts:
            hidden = x.clone()
            square = (..., slice(top, top + size), slice(left, left + size))
            hidden[square] = paint[square]
            falls.append(whole - target_scores(model, hidden, target))
    return torch.stack(falls, dim=1).unflatten(1, (len(tops), len(lefts)))


def erasing_curve(
    model: nn.Module,
    inputs: Tensor,
    target: Tensor | int,
    maps: Tensor,
    shares: Sequence[float],
    baseline: Tensor | float = 0.0,
) -> Tensor:
    """By how much the score falls when the places with a map's largest values are erased.

    inputs: (n, channels, height, width). maps: (n, height, width). shares: of the places, each in
    [0, 1]. Returns (shares, n). Of places with equal values the first go first. Raises ValueError
    for maps or shares that do not fit, and as `target_scores`. Source: Samek et al. 2017.
    """
    x = checked_inputs(inputs)
    paint = checked_baseline(baseline, x)
    if x.ndim != 4 or maps.shape != (len(x), *x.shape[-2:]):
        raise ValueError(
            "inputs must be (n, channels, height, width) and maps (n, height, width), not "
            f"{tuple(x.shape)} and {tuple(maps.shape)}"
        )
    if maps.isnan().any() or not shares or not all(0 <= share <= 1 for share in shares):
        raise ValueError(
            f"maps must be numbers, and shares in [0, 1], one or more, not {list(shares)}"
        )
    order = maps.flatten(1).argsort(dim=1, descending=True, stable=True)  # (n, places)
    whole = target_scores(model, x, target)
    falls = []
    for share in shares:
        gone = torch.zeros_like(order, dtype=torch.bool)
        gone.scatter_(1, order[:, : round(share * order.shape[1])], True)
        erased = torch.where(gone.view(len(x), 1, *x.shape[-2:]), paint, x)
        falls.append(whole - target_scores(model, erased, target))
    return torch.stack(falls)


def _starts(length: int, size: int, step: int) -> list[int]:
    """Where squares begin, so that the last one reaches the end."""
    return [step * number for number in range(-(-(length - size) // step) + 1)]

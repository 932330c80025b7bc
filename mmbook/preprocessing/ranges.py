"""Checks of numbers that several steps share: their type, and one for every sample of a batch."""

import math
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor


def check_floating(values: Tensor, name: str, error: type[ValueError] = ValueError) -> Tensor:
    """Return a tensor unchanged if it is floating point.

    In whole numbers a weight of 0.3 would be 0, and a sum could leave the range of its type.
    Raises `error`, a kind of ValueError, that names the tensor.
    """
    if not values.is_floating_point():
        raise error(f"{name} must be floating point, got {values.dtype}: use .float()")
    return values


def finite_samples(values: Tensor) -> Tensor:
    """Say which samples of a batch hold only finite numbers, (n, ...) -> (n,) boolean.

    NaN passes through a maximum, so the extremes tell all, many times faster than `isfinite`, which
    writes three tensors of the batch's size.
    """
    rows = values.flatten(1)
    if not rows.numel():
        return torch.ones(len(values), dtype=torch.bool, device=values.device)
    return (rows.amax(1) < math.inf) & (rows.amin(1) > -math.inf)


def check_setting(
    value: Any,
    name: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    whole: bool = False,
    error: type[ValueError] = ValueError,
) -> None:
    """Raise `error`, naming the setting and its range, unless it is one finite number in it."""
    numbers: Any = Integral if whole else Real
    if isinstance(value, numbers) and low <= value <= high and math.isfinite(value):
        return
    kind = "a whole number" if whole else "a finite number"
    inside = f" in [{low}, {high}]" if high < math.inf else f" of at least {low}"
    raise error(f"{name} must be {kind}{inside if low > -math.inf else ''}, got {value}")


def check_range(
    between: Any, name: str, *, highest: float = math.inf, error: type[ValueError] = ValueError
) -> None:
    """Raise `error`, naming the setting, unless it is (low, high), the lower first.

    Both lie in [0, highest]; without a highest they are factors, so positive and finite.
    """
    factors = highest == math.inf
    try:
        low, high = between
        fine = 0 <= low <= high <= highest and not (factors and (low == 0 or math.isinf(high)))
    except (TypeError, ValueError):  # not two, or no numbers
        fine = False
    if not fine:
        kind = "positive, finite numbers" if factors else f"numbers in [0, {highest}]"
        raise error(f"{name} must be a range (low, high) of {kind}, got {between}")


def check_mask(mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return a mask unchanged if it is boolean and of the given shape; else raise ValueError."""
    if mask.dtype != torch.bool or tuple(mask.shape) != shape:
        raise ValueError(
            f"a mask must be boolean and of the shape {shape}, got {mask.dtype} {tuple(mask.shape)}"
        )
    return mask


def per_sample(
    value: float | Tensor, samples: int, name: str, *, low: float, high: float = float("inf")
) -> Tensor:
    """Bring one number, or one number a sample, to the shape (samples,).

    Raises ValueError where the shape fits neither or a number is not finite in [low, high].
    """
    values = torch.as_tensor(value, dtype=torch.float32)
    if values.ndim > 1 or (values.ndim == 1 and len(values) != samples):
        raise ValueError(
            f"{name} must be one number or {samples} numbers, got the shape {tuple(values.shape)}"
        )
    if not ((values >= low) & (values <= high) & values.isfinite()).all():
        raise ValueError(f"{name} must be finite, between {low} and {high}, got {values.tolist()}")
    return values.expand(samples)

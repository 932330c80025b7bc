"""A number for every sample of a batch, checked."""

import torch
from torch import Tensor


def per_sample(
    value: float | Tensor, samples: int, name: str, *, low: float, high: float = float("inf")
) -> Tensor:
    """Bring one number, or one number a sample, to the shape (samples,).

    Raises ValueError where the shape fits neither or a number lies outside [low, high].
    """
    values = torch.as_tensor(value, dtype=torch.float32)
    if values.ndim > 1 or (values.ndim == 1 and len(values) != samples):
        raise ValueError(
            f"{name} must be one number or {samples} numbers, got the shape {tuple(values.shape)}"
        )
    if not ((values >= low) & (values <= high)).all():
        raise ValueError(f"{name} must lie between {low} and {high}, got {values.tolist()}")
    return values.expand(samples)

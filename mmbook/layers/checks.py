"""Checks of what goes in, and where the values of tensors may be looked at."""

from numbers import Integral
from typing import Any

import torch
from torch import Tensor


def can_look(values: Tensor) -> bool:
    """Whether a check of values costs nothing: on the CPU, and not while compiling.

    On an accelerator it would wait for all that was asked for before, and a compiled graph would
    break at it. Data is made on the CPU; what is checked there need not be checked again.
    """
    return values.device.type == "cpu" and not torch.compiler.is_compiling()


def check_ids(ids: Tensor, vocabulary: int) -> None:
    """Refuses what is not (rows, length) integers in [0, vocabulary), the values where `can_look`.

    Raises ValueError that says what was found.
    """
    if ids.ndim != 2 or ids.is_floating_point():
        raise ValueError(
            f"ids must be integers (batch, length), not {tuple(ids.shape)} {ids.dtype}"
        )
    if not ids.numel() or not can_look(ids):
        return
    lowest, highest = int(ids.min()), int(ids.max())
    if lowest < 0 or highest >= vocabulary:
        raise ValueError(f"ids must be in [0, {vocabulary}), not in [{lowest}, {highest}]")


def check_usable(logits: Tensor) -> None:
    """Refuses logits, or probabilities made of them, of which a row has no finite highest.

    logits: (rows, vocabulary), which are looked at: guard with `can_look` where that may cost.
    Raises ValueError that says which row.
    """
    if not (usable := logits.amax(dim=-1).isfinite()).all():
        row = int((~usable).int().argmax())
        raise ValueError(f"the logits of row {row} are NaN or infinite: nothing can be chosen")


def check_whole(**numbers: Any) -> None:
    """Refuses what is not a whole number, by its name. Raises ValueError."""
    for name, value in numbers.items():
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise ValueError(f"{name} must be a whole number, not {value!r}")

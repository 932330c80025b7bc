"""Checks of what goes in, and where the values of tensors may be looked at."""

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

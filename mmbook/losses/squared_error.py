"""Squared error of numbers."""

from torch import Tensor

from mmbook.losses.loss import Loss


def squared_error(outputs: Tensor, targets: Tensor) -> Loss:
    """(output - target)², summed over all numbers of two tensors of one shape.

    Raises ValueError for different shapes, which PyTorch would stretch to one another.
    """
    if outputs.shape != targets.shape:
        raise ValueError(
            f"outputs and targets need one shape, not {tuple(outputs.shape)} and "
            f"{tuple(targets.shape)}"
        )
    return Loss((outputs - targets).square().sum(), outputs.numel())

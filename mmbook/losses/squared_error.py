"""Squared error of numbers."""

from torch import Tensor

from mmbook.losses.loss import Loss


def squared_error(outputs: Tensor, targets: Tensor) -> Loss:
    """(output - target)², summed over all numbers of two tensors of one shape.

    Whole numbers are read as float32: the difference of two uint8 would overflow. Raises ValueError
    for different shapes, which PyTorch would stretch to one another, and for complex numbers.
    """
    if outputs.shape != targets.shape:
        raise ValueError(
            f"outputs and targets need one shape, not {tuple(outputs.shape)} and "
            f"{tuple(targets.shape)}"
        )
    if outputs.is_complex() or targets.is_complex():
        raise ValueError(f"numbers must be real, not {outputs.dtype} and {targets.dtype}")
    outputs, targets = (x if x.is_floating_point() else x.float() for x in (outputs, targets))
    return Loss((outputs - targets).square().sum(), outputs.numel())

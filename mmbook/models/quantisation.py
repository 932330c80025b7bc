"""Weights stored in few bits: whole numbers, and a scale for a tensor or for each of its rows."""

from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Quantised:
    """Weights as whole numbers times a scale.

    codes: int8, of the weights' shape. scale: one number, or one for each row of the weights, with
    as many dimensions as they have. bits: how many of a code's eight are used.
    """

    codes: Tensor
    scale: Tensor
    bits: int

    def restore(self) -> Tensor:
        """The weights that are left, of the scale's type; off by at most half a scale."""
        return self.codes * self.scale

    def bytes(self) -> int:
        """What a file needs: codes packed without gaps, and the scales as they are."""
        return -(-self.codes.numel() * self.bits // 8) + self.scale.nbytes


def quantise(weights: Tensor, bits: int = 8, per_row: bool = False) -> Quantised:
    """Round weights to 2^bits - 1 evenly spaced values, zero in the middle.

    weights: of any shape, floating point; rows run along the first dimension, which is that of the
    outputs in `nn.Linear` and `nn.Conv2d`. per_row: a scale for each row, and not one for all.
    The scale has single precision at least: that of weights in half precision may not fit theirs.
    Raises ValueError for other bits than 2 to 8 and for weights that are no dense tensor of
    floating point, empty or not finite.
    Source: eqs. tr-scale and tr-row; Jacob et al. 2018, without their zero point.
    """
    if type(bits) is not int or not 2 <= bits <= 8:
        raise ValueError(f"bits must be a whole number from 2 to 8, not {bits!r}")
    if not isinstance(weights, Tensor):
        raise ValueError(f"weights must be a dense tensor of floating point, not {type(weights)}")
    if weights.layout != torch.strided or not weights.is_floating_point():
        found = f"{weights.dtype}, {weights.layout}"
        raise ValueError(f"weights must be a dense tensor of floating point, not {found}")
    if not weights.numel() or not weights.isfinite().all():
        raise ValueError("weights must be there and finite: the largest of them sets the scale")
    weights = weights.detach().to(torch.promote_types(weights.dtype, torch.float32))
    top = 2 ** (bits - 1) - 1
    others = tuple(range(1, weights.ndim)) if per_row else tuple(range(weights.ndim))
    largest = weights.abs().amax(dim=others, keepdim=True)
    scale = (largest / top).clamp(min=torch.finfo(weights.dtype).tiny)  # zeros have one, too
    codes = (weights / scale).round().clamp(-top, top)
    return Quantised(codes.to(torch.int8), scale, bits)


@torch.no_grad()
def with_quantised_weights(
    model: nn.Module, bits: int = 8, per_row: bool = False
) -> tuple[nn.Module, int]:
    """A copy of a model whose matrices and kernels were stored in few bits, and its bytes.

    What has one dimension, as biases and the numbers of norms, or holds whole numbers stays as it
    is. The copy computes in floating point: it shows what rounding costs in quality, and is no
    faster. The bytes are those of all parameters and buffers, as a file would hold them. Raises
    ValueError for what is no module and, with the name of the weights, as `quantise` does.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be an nn.Module, not {type(model).__name__}")
    quantise(torch.ones(1), bits)  # raises where bits are wrong, also if nothing is rounded
    copy = deepcopy(model)
    size = sum(buffer.nbytes for buffer in copy.buffers())
    for name, parameter in copy.named_parameters():
        if parameter.ndim < 2 or not parameter.numel() or not parameter.is_floating_point():
            size += parameter.nbytes
            continue
        try:
            stored = quantise(parameter, bits, per_row)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        parameter.copy_(stored.restore())
        size += stored.bytes()
    return copy, size

"""Steps whose matrices stretch every direction alike."""
# pyright: reportPrivateImportUsage=false

from collections.abc import Sequence

import torch
from torch import Tensor

from mmbook.training.optimisers.gradient_descent import AdamW, Group, Tensors

# An odd polynomial a·s + b·s³ + c·s⁵ that, applied five times, takes singular values from
# 0.01 ... 1 to about 0.7 ... 1.2. Source: Jordan et al. (2024).
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ROUNDS = 5


def orthogonalise(matrix: Tensor) -> Tensor:
    """Nearly U Vᵀ of a matrix U S Vᵀ: singular values near 1, directions as they were.

    matrix: (rows, columns). Returns the same shape in bfloat16, in which products are fast; the
    error of its few digits is smaller than that of the polynomial. Raises ValueError for another
    number of axes. Source: Jordan et al. (2024), Newton-Schulz iteration.
    """
    if matrix.ndim != 2:
        raise ValueError(f"a matrix has two axes, not the shape {tuple(matrix.shape)}")
    a, b, c = COEFFICIENTS
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.to(torch.bfloat16).T if is_tall else matrix.to(torch.bfloat16)
    x = x / x.norm().clamp(min=1e-7)  # so that no singular value is above 1
    for _ in range(ROUNDS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if is_tall else x


class Muon(AdamW):
    """Momentum made orthogonal for matrices, and AdamW for everything else.

    matrices: parameters with two axes or more; what follows the first one (a filter's channels and
    places) counts as columns. A step is `0.2 √max(rows, columns)` times the orthogonal matrix, so
    that its entries are about as large as AdamW's and both can share a learning rate.
    Source: Jordan et al. (2024); the scale is from Liu et al. (2025), Muon is Scalable.
    """

    def __init__(
        self,
        matrices: Sequence[Tensor],
        others: Sequence[Tensor] = (),
        lr: float = 1e-3,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ) -> None:
        if few := [tuple(p.shape) for p in matrices if p.ndim < 2]:
            raise ValueError(f"matrices must have two axes or more, not the shapes {few}")
        groups = [{"params": list(matrices), "momentum": momentum}, {"params": list(others)}]
        present: list[Group] = [group for group in groups if group["params"]]
        super().__init__(present, lr, weight_decay=weight_decay)

    def memory_of(self, group: Group) -> tuple[str, ...]:
        return ("mean",) if "momentum" in group else super().memory_of(group)

    def update(
        self,
        group: Group,
        parameters: Tensors,
        gradients: Tensors,
        steps: list[int],
        *memory: Tensors,
    ) -> None:
        if "momentum" not in group:
            return super().update(group, parameters, gradients, steps, *memory)
        (means,) = memory
        torch._foreach_lerp_(means, gradients, 1 - group["momentum"])
        ahead = torch._foreach_lerp(gradients, means, group["momentum"])  # Nesterov's
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        for parameter, direction in zip(parameters, ahead, strict=True):
            change = orthogonalise(direction.flatten(1))
            scale = 0.2 * max(change.shape) ** 0.5
            parameter.add_(change.view_as(parameter), alpha=-group["lr"] * scale)

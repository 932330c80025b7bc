"""What is somewhere, and how strong: several yes or no at once, and numbers that may be unknown."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.losses.loss import Loss


def label_cross_entropy(logits: Tensor, targets: Tensor, weight: Tensor | None = None) -> Loss:
    """-log p of several yes or no, each by itself, the mean over labels; counts samples.

    Unlike classes, labels do not exclude each other. logits: (n, labels). targets: (n, labels)
    boolean. weight: (labels,), how many times each yes counts.
    Raises ValueError for other shapes, or targets that are not boolean.
    """
    _check_labels(logits, targets)
    losses = F.binary_cross_entropy_with_logits(
        logits, targets.to(logits), pos_weight=weight, reduction="none"
    )
    return Loss(losses.mean(dim=-1).sum(), len(logits))


def frame_cross_entropy(
    logits: Tensor, targets: Tensor, mask: Tensor, weight: Tensor | None = None
) -> Loss:
    """As `label_cross_entropy`, of each frame, the mean over a sample's real frames.

    logits: (n, frames, labels). targets: (n, frames, labels) boolean. mask: (n, frames) boolean,
    true where a frame is real; what the others hold changes nothing. Raises ValueError as there,
    and for another mask.
    """
    _check_labels(logits, targets)
    if mask.dtype != torch.bool or mask.shape != logits.shape[:2] or logits.ndim != 3:
        raise ValueError(
            f"logits (n, frames, labels) need a boolean mask (n, frames), not "
            f"{tuple(logits.shape)} and {mask.dtype} {tuple(mask.shape)}"
        )
    losses = F.binary_cross_entropy_with_logits(
        logits.masked_fill(~mask.unsqueeze(-1), 0),
        targets.to(logits),
        pos_weight=weight,
        reduction="none",
    )
    totals = losses.mean(dim=-1).masked_fill(~mask, 0).sum(dim=1)  # (n,)
    return Loss((totals / mask.sum(dim=1).clamp(min=1)).sum(), len(logits))


def known_huber(outputs: Tensor, targets: Tensor, scale: float = 1.0) -> Loss:
    """Half the squared error in units of `scale`, and beyond one unit its size; of known targets.

    outputs: (n,). targets: (n,), NaN where unknown: such a sample adds nothing to the total, its
    gradient is exactly zero, and it is not counted. Raises ValueError for other shapes, or a scale
    that is not above 0. Source: Huber 1964.
    """
    if outputs.ndim != 1 or outputs.shape != targets.shape or not scale > 0:
        raise ValueError(
            f"outputs and targets must be (n,), the scale above 0, not {tuple(outputs.shape)}, "
            f"{tuple(targets.shape)} and {scale}"
        )
    known = targets.isfinite()
    # A product with zero would not do: the gradient of NaN * 0 is NaN.
    error = torch.where(known, outputs - torch.where(known, targets, 0), 0) / scale
    return Loss(F.huber_loss(error, torch.zeros_like(error), reduction="sum"), known.sum())


def _check_labels(logits: Tensor, targets: Tensor) -> None:
    if logits.shape != targets.shape or targets.dtype != torch.bool or logits.ndim < 2:
        raise ValueError(
            f"labels must be boolean of the logits' shape, (n, ..., labels) {tuple(logits.shape)}, "
            f"not {targets.dtype} {tuple(targets.shape)}"
        )

"""Cross-entropy of classes and of next tokens."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.layers.checks import can_look
from mmbook.losses.loss import Loss

IGNORED = -100  # a target that does not count: padding, or a prompt that is given


def class_targets(targets: Tensor) -> Tensor:
    """Targets of any real type as int64: among uint8, 156 would be equal to IGNORED.

    Raises ValueError where they are bool, complex, or (where `can_look`) no whole numbers.
    """
    if targets.dtype == torch.int64:
        return targets
    wrong = targets.dtype == torch.bool or targets.is_complex()
    if wrong or (can_look(targets) and (targets.long() != targets.double()).any()):
        raise ValueError(f"targets must be whole numbers, which these {targets.dtype} are not")
    return targets.long()


def cross_entropy(logits: Tensor, targets: Tensor, *, label_smoothing: float = 0.0) -> Loss:
    """-log softmax(logits)[target], summed over the targets that are not IGNORED, in nats.

    logits: (..., classes). targets: (...), class numbers or IGNORED. label_smoothing: the share of
    the target that is spread over all classes (Szegedy et al. 2016).
    Raises ValueError where the shapes do not fit, and as `class_targets` does.
    """
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"logits of shape (..., classes) need targets (...): got {tuple(logits.shape)} and "
            f"{tuple(targets.shape)}"
        )
    targets = class_targets(targets)
    total = F.cross_entropy(
        logits.flatten(0, -2),
        targets.flatten(),
        reduction="sum",
        ignore_index=IGNORED,
        label_smoothing=label_smoothing,
    )
    return Loss(total, (targets != IGNORED).sum())

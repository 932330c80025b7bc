"""Cross-entropy of classes and of next tokens."""

import torch.nn.functional as F
from torch import Tensor

from mmbook.losses.loss import Loss

IGNORED = -100  # a target that does not count: padding, or a prompt that is given


def cross_entropy(logits: Tensor, targets: Tensor) -> Loss:
    """-log softmax(logits)[target], summed over the targets that are not IGNORED, in nats.

    logits: (..., classes). targets: (...), class numbers or IGNORED.
    Raises ValueError where the shapes do not fit.
    """
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"logits of shape (..., classes) need targets (...): got {tuple(logits.shape)} and "
            f"{tuple(targets.shape)}"
        )
    total = F.cross_entropy(
        logits.flatten(0, -2), targets.flatten(), reduction="sum", ignore_index=IGNORED
    )
    return Loss(total, (targets != IGNORED).sum())

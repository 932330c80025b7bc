"""Cross-entropy of classes and of next tokens."""

import torch.nn.functional as F
from torch import Tensor

from mmbook.losses.loss import Loss

IGNORED = -100  # a target that does not count: padding, or a prompt that is given


def cross_entropy(logits: Tensor, targets: Tensor, *, label_smoothing: float = 0.0) -> Loss:
    """-log softmax(logits)[target], summed over the targets that are not IGNORED, in nats.

    logits: (..., classes). targets: (...), class numbers or IGNORED. label_smoothing: the share of
    the target that is spread over all classes (Szegedy et al. 2016).
    Raises ValueError where the shapes do not fit.
    """
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"logits of shape (..., classes) need targets (...): got {tuple(logits.shape)} and "
            f"{tuple(targets.shape)}"
        )
    total = F.cross_entropy(
        logits.flatten(0, -2),
        targets.flatten(),
        reduction="sum",
        ignore_index=IGNORED,
        label_smoothing=label_smoothing,
    )
    return Loss(total, (targets != IGNORED).sum())

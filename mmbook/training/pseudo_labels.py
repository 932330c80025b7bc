"""Labels that a network gives to samples which have none, where it is sure enough."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class PseudoLabels:
    """rows: (k,) which samples are taken, in order. labels: (k,) what the network says of them."""

    rows: Tensor
    labels: Tensor


def pseudo_labels(scores: Tensor, threshold: float) -> PseudoLabels:
    """The class with the largest probability, for each sample where it is at least the threshold.

    scores: (n, classes), before the softmax. threshold: from 0, which takes all, to 1. Raises
    ValueError for scores of another shape, without classes or not finite, and for another
    threshold. Source: Lee (2013), Pseudo-Label.
    """
    if scores.ndim != 2 or scores.shape[1] < 1:
        raise ValueError(f"scores must be (n, classes), not {tuple(scores.shape)}")
    if not torch.isfinite(scores).all():
        raise ValueError("scores must be finite; some are infinite or not a number")
    if not 0 <= threshold <= 1:
        raise ValueError(f"the threshold must be from 0 to 1, not {threshold}")
    confidence, labels = scores.detach().softmax(dim=1).max(dim=1)
    rows = (confidence >= threshold).nonzero().flatten()  # eq. ds-accept
    return PseudoLabels(rows, labels[rows])

"""Learning from a score of whole sequences, where it is no function of the weights."""

import torch
from torch import Tensor

from mmbook.losses.loss import Loss


def self_critical(log_p: Tensor, mask: Tensor, scores: Tensor) -> Loss:
    """What makes samples that score above the others of their kind more probable.

    log_p: (n, samples, length), log p of each token that was drawn. mask: the same of bool, false
    behind a sequence's end. scores: (n, samples), the higher the better; of each the mean of the
    others is taken away, which changes no expected gradient and makes it vary less. The loss is
    -Σ advantage · log p, and its gradient an unbiased estimate of that of the expected score, up to
    the sign; counts tokens. Raises ValueError for other shapes, or a single sample of each.
    Sources: Williams (1992); Rennie et al. (2017), with the baseline of Luo (2020).
    """
    if log_p.ndim != 3 or mask.shape != log_p.shape or mask.dtype != torch.bool:
        raise ValueError(
            f"log p must be (n, samples, length) with a boolean mask of its shape, not "
            f"{tuple(log_p.shape)} with {mask.dtype} {tuple(mask.shape)}"
        )
    samples = log_p.shape[1]
    if scores.shape != log_p.shape[:2] or samples < 2:
        raise ValueError(
            f"scores must be {tuple(log_p.shape[:2])}, of two samples or more, not "
            f"{tuple(scores.shape)}"
        )
    scores = scores.to(log_p)
    others = (scores.sum(dim=1, keepdim=True) - scores) / (samples - 1)
    advantage = (scores - others).detach().unsqueeze(-1)
    return Loss(-(advantage * log_p.masked_fill(~mask, 0)).sum(), mask.sum())

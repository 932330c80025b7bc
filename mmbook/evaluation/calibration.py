"""Making confidence honest: one number that scales a model's scores."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.evaluation.metrics import checked_scores

CANDIDATES = torch.logspace(-1, 2, 301).tolist()  # 0.1 to 100, each 2.3 % above the one before


def fit_temperature(scores: Tensor, targets: Tensor) -> float:
    """The temperature τ for which softmax(scores / τ) gives the right classes most probability.

    scores: (n, classes) of samples that training did not see; targets: (n,). Above 1 the model was
    surer than it was right. Raises ValueError as `accuracy` does. Source: Guo et al. 2017.
    """
    scores, targets = checked_scores(scores, targets)
    losses = [F.cross_entropy(scores / t, targets).item() for t in CANDIDATES]
    return CANDIDATES[losses.index(min(losses))]

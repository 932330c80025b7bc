"""What is minimised, and how low it can fall where features know only the digit."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.experiments.shared_space.config import Kind, Pairs, System
from mmbook.losses import Loss, contrastive, sigmoid_contrastive
from mmbook.models.alignment import Align, SharedSpace


def multi_positive(first: Tensor, second: Tensor, scale: Tensor | float, labels: Tensor) -> Loss:
    """Symmetric cross-entropy of finding all rows of the same label, each with the same weight.

    first, second: (n, width) unit vectors; labels: (n,). Counts rows. Source: Khosla et al. (2020),
    Supervised Contrastive Learning, its outer sum, between two senses.
    """
    scores = scale * first @ second.T  # (n, n)
    same = (labels[:, None] == labels).to(scores)
    wanted = same / same.sum(1, keepdim=True)
    found, finding = (F.cross_entropy(x, wanted, reduction="sum") for x in (scores, scores.T))
    return Loss((found + finding) / 2, len(labels))


@dataclass(frozen=True)
class AlignLabels:
    """`multi_positive` of a `SharedSpace`, added up over pairs of senses that are all present."""

    pairs: Pairs

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        """See the class. Raises ValueError for another model."""
        if not isinstance(model, SharedSpace):
            raise ValueError(f"AlignLabels is for a SharedSpace, not a {type(model).__name__}")
        vectors = model(batch.inputs)
        losses = [
            multi_positive(vectors[a], vectors[b], model.scale, batch.target) for a, b in self.pairs
        ]
        return Loss(
            torch.stack([loss.total for loss in losses]).sum(), sum(loss.count for loss in losses)
        )


def objective_of(system: System) -> Callable[[nn.Module, Batch], Loss]:
    """The loss that trains a system."""
    if system.loss == "multi-positive":
        return AlignLabels(system.pairs)
    return Align(system.pairs, sigmoid=system.loss == "sigmoid")


def pair_loss(
    kind: Kind, model: SharedSpace, first: Tensor, second: Tensor, labels: Tensor
) -> float:
    """The loss a pair of one batch of pairs of vectors, (n, space) each, with labels (n,).

    Raises ValueError for the sigmoid loss of a model without a bias.
    """
    if kind == "multi-positive":
        return multi_positive(first, second, model.scale, labels).mean().item()
    if kind == "sigmoid":
        if model.bias is None:
            raise ValueError("the sigmoid loss learns a bias: SharedSpace(..., bias=-10)")
        return sigmoid_contrastive(first, second, model.scale, model.bias).mean().item()
    return contrastive(first, second, model.scale).mean().item()


def floor_of(kind: Kind, batch: int, classes: int = 10) -> float:
    """The least expected loss of features that know only the class, of uniformly drawn classes.

    Of InfoNCE, E log(1 + X), where X ~ Bin(batch - 1, 1 / classes) others of a batch are of one's
    class and none of them can be told from the partner; with all of them as positives it is the
    same. Of the sigmoid loss, 1 + EX combinations a row look like pairs and one of them is.
    """
    if kind == "sigmoid":
        alike = 1 + (batch - 1) / classes
        others = alike - 1
        return math.log(alike) + others * math.log(alike / others)
    p = 1 / classes
    return math.fsum(
        math.comb(batch - 1, x) * p**x * (1 - p) ** (batch - 1 - x) * math.log1p(x)
        for x in range(batch)
    )

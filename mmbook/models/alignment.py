"""A space that several senses share: what belongs together points in one direction."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch, Padded
from mmbook.losses import Loss
from mmbook.losses.contrastive import contrastive, sigmoid_contrastive
from mmbook.models.multimodal import Input, Present, hidden

LARGEST_SCALE = 100.0  # as in CLIP: beyond it one pair of a batch has all the gradient


class SharedSpace(nn.Module):
    """Encoders of several modalities, each followed by a linear map into one space.

    inputs: {modality: what its encoder takes}; returns {modality: (batch, space)} unit vectors.
    encoders: {modality: encoder of this width}. scale: what cosines are multiplied by at first
    (1 / temperature); it is learned. bias: where given, learned too, for the sigmoid loss.
    Raises ValueError on a modality without an encoder. Source: Radford et al. (2021).
    Chapter `contrastive-retrieval`.
    """

    def __init__(
        self,
        encoders: Mapping[str, nn.Module],
        width: int,
        space: int = 64,
        scale: float = 1 / 0.07,
        bias: float | None = None,
    ) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(encoders)
        self.heads = nn.ModuleDict({m: nn.Linear(width, space) for m in encoders})
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale)))
        self.bias = None if bias is None else nn.Parameter(torch.tensor(float(bias)))

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied by, at most LARGEST_SCALE."""
        return self.log_scale.exp().clamp(max=LARGEST_SCALE)

    def embed(self, modality: str, values: Input) -> Tensor:
        """Samples of one modality as unit vectors, (batch, space)."""
        if modality not in self.encoders:
            raise ValueError(f"no encoder for {modality!r}; there are {sorted(self.encoders)}")
        pooled = self.encoders[modality](values).mean()  # (batch, width)
        return F.normalize(self.heads[modality](pooled), dim=1)

    def forward(
        self, inputs: Mapping[str, Input], present: Present | None = None
    ) -> dict[str, Tensor]:
        present = present or {}
        return {
            m: self.embed(m, hidden(x, ~present[m]) if m in present else x)
            for m, x in inputs.items()
        }


@dataclass(frozen=True)
class Align:
    """The contrastive loss of a `SharedSpace`, added up over pairs of modalities.

    pairs: the modalities whose rows belong together. A row counts in a pair where both are present.
    hard: the input that holds hard negatives of the second modality of the first pair, (n, k, ...),
    k a row. sigmoid: the sigmoid loss in the place of InfoNCE; it knows no hard negatives.
    Counts pairs of rows. Raises ValueError where settings or inputs do not fit.
    """

    pairs: tuple[tuple[str, str], ...] = (("image", "text"),)
    hard: str = ""
    sigmoid: bool = False

    def __post_init__(self) -> None:
        if not self.pairs or not all(len({*pair}) == 2 for pair in self.pairs):
            raise ValueError(f"pairs must be of two modalities each, not {self.pairs}")
        if self.hard and self.sigmoid:
            raise ValueError("the sigmoid loss takes no hard negatives")

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        if not isinstance(model, SharedSpace):
            raise ValueError(f"Align is for a SharedSpace, not a {type(model).__name__}")
        names = {m: None for pair in self.pairs for m in pair}
        present = {m: rows for m, rows in batch.present.items() if m in names}
        vectors = model({m: batch.inputs[m] for m in names}, present)
        losses = []
        for number, (first, second) in enumerate(self.pairs):
            both = vectors[first], vectors[second]
            if first in present or second in present:
                rows = batch.presence(first) & batch.presence(second)
                both = both[0][rows], both[1][rows]
            hard = self._hard(model, batch, second) if self.hard and not number else None
            losses.append(self._one(model, *both, hard))
        count = sum(loss.count for loss in losses)
        return Loss(torch.stack([loss.total for loss in losses]).sum(), count)

    def _one(self, model: SharedSpace, first: Tensor, second: Tensor, hard: Tensor | None) -> Loss:
        if not self.sigmoid:
            return contrastive(first, second, model.scale, hard)
        if model.bias is None:
            raise ValueError("the sigmoid loss learns a bias: SharedSpace(..., bias=-10)")
        return sigmoid_contrastive(first, second, model.scale, model.bias)

    def _hard(self, model: SharedSpace, batch: Batch, modality: str) -> Tensor:
        """All hard negatives of a batch in the space, (n · k, space)."""
        values = batch.inputs[self.hard]
        if isinstance(values, Padded) or values.ndim < 3:
            raise ValueError(f"hard negatives must be a tensor (n, k, ...) in {self.hard!r}")
        return model.embed(modality, values.flatten(0, 1))

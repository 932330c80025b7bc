"""Modality dropout: practise with senses missing, so that a missing sense is nothing new."""

from collections.abc import Mapping

import torch
from torch import nn

from mmbook.tokens import Tokens


class ModalityDropout(nn.Module):
    """In training, hides each present modality of each sample with a probability, but never all.

    tokens: {modality: Tokens}, and the same returned, with masks cleared where a modality is
    hidden; nothing changes in evaluation. Raises ValueError unless 0 <= probability < 1.
    Source: Neverova et al. 2016.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        if not 0 <= probability < 1:
            raise ValueError(f"probability must be in [0, 1), not {probability}")
        self.probability = probability

    def extra_repr(self) -> str:
        return f"probability={self.probability}"

    def forward(self, tokens: Mapping[str, Tokens]) -> dict[str, Tokens]:
        if not self.training or self.probability == 0:
            return dict(tokens)
        present = torch.stack([t.present() for t in tokens.values()])  # (modalities, batch)
        kept = present & (torch.rand(present.shape, device=present.device) >= self.probability)
        # Where nothing is left, everything that was there comes back.
        kept = torch.where(kept.any(dim=0), kept, present)
        return {
            name: Tokens(t.values, t.mask & keep.unsqueeze(1))
            for (name, t), keep in zip(tokens.items(), kept, strict=True)
        }

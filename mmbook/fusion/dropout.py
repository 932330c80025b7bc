"""Modality dropout: practise with senses missing, so that a missing sense is nothing new."""

from collections.abc import Mapping

import torch
from torch import nn

from mmbook.tokens import Tokens


class ModalityDropout(nn.Module):
    """In training, hides each present modality of each sample with a probability, but never all.

    One of them drawn at random is spared, so of k present ones each is hidden with p − pᵏ/k.

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
        draws = torch.rand(present.shape, device=present.device)
        luckiest = draws == draws.masked_fill(~present, -1).amax(dim=0)
        kept = present & ((draws >= self.probability) | luckiest)
        return {
            name: Tokens(t.values, t.mask & keep.unsqueeze(1))
            for (name, t), keep in zip(tokens.items(), kept, strict=True)
        }

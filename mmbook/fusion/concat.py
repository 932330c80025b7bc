"""Early fusion: features are joined first, and one network reads them all."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from mmbook.tokens import Tokens


class ConcatFusion(nn.Module):
    """The means of all modalities, concatenated and mixed by a network with one hidden layer.

    tokens: {modality: (batch, length, width)}; returns one token, (batch, 1, width), real where
    some modality is present. An absent modality counts as a vector of zeros. The hidden layer lets
    any feature of one modality change what a feature of another means. Source: Snoek et al. 2005.
    """

    def __init__(self, modalities: Sequence[str], width: int, hidden: int | None = None) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        hidden = hidden or 2 * width
        self.mix = nn.Sequential(
            nn.Linear(len(self.modalities) * width, hidden), nn.ReLU(), nn.Linear(hidden, width)
        )

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        joined = torch.cat([tokens[m].mean() for m in self.modalities], dim=-1)
        present = torch.stack([tokens[m].present() for m in self.modalities]).any(dim=0)
        return Tokens(self.mix(joined).unsqueeze(1), present.unsqueeze(1))

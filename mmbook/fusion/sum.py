"""Fusion by addition: what each modality says is added up, whatever the others say."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from mmbook.tokens import Tokens


class SumFusion(nn.Module):
    """The means of all modalities, each through a layer of its own, added up.

    tokens: {modality: (batch, length, width)}; returns one token, (batch, 1, width), real where
    some modality is present. An absent modality adds nothing. hidden: neurons of a hidden layer
    that each modality has for itself; without, the layer is linear. Either way the sum is additive:
    what one modality adds never depends on another, so with a linear decoder behind it no such
    model can tell whether two bits differ. Chapter `fusion`, "What a sum cannot say".
    """

    def __init__(self, modalities: Sequence[str], width: int, hidden: int | None = None) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({m: _layer(width, hidden) for m in modalities})

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        present = torch.stack([tokens[m].present() for m in self.parts], dim=1)  # (batch, m)
        said = torch.stack([part(tokens[m].mean()) for m, part in self.parts.items()], dim=1)
        total = said.masked_fill(~present.unsqueeze(-1), 0).sum(dim=1)  # (batch, width)
        return Tokens(total.unsqueeze(1), present.any(dim=1, keepdim=True))


def _layer(width: int, hidden: int | None) -> nn.Module:
    """From width to width, through a hidden layer where one is wanted."""
    if hidden is None:
        return nn.Linear(width, width)
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))

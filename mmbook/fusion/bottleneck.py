"""Fusion through a bottleneck: modalities exchange only what a few tokens can carry."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from mmbook.fusion.cross_attention import joined
from mmbook.layers.transformer import TransformerBlock
from mmbook.tokens import Tokens


class BottleneckFusion(nn.Module):
    """Each modality attends to itself and to a few shared tokens, which alone carry news across.

    In each layer the shared tokens are read and written by each modality's own block, and what the
    present ones wrote is averaged; a later layer hands it on, so there must be two. tokens:
    {modality: (batch, length, width)}; returns the tokens of all modalities, (batch, sum of
    lengths, width). The cost grows with the squares of the single lengths, not with that of their
    sum. Source: Nagrani et al. 2021.
    """

    def __init__(
        self,
        modalities: Sequence[str],
        width: int,
        heads: int = 4,
        layers: int = 2,
        bottlenecks: int = 4,
    ) -> None:
        super().__init__()
        if layers < 2 or bottlenecks < 1:
            raise ValueError(
                "news takes two layers and a shared token at least, not "
                f"{layers} layers and {bottlenecks} tokens"
            )
        self.modalities = tuple(modalities)
        self.shared = nn.Parameter(torch.randn(bottlenecks, width) * 0.02)
        self.layers = nn.ModuleList(
            nn.ModuleDict({m: TransformerBlock(width, heads) for m in modalities})
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        # What is not real may hold anything, and even a NaN must not reach a gradient.
        values = {
            m: tokens[m].values.masked_fill(~tokens[m].mask.unsqueeze(-1), 0)
            for m in self.modalities
        }
        present = torch.stack([tokens[m].present() for m in self.modalities])  # (m, batch)
        share = present / present.sum(dim=0).clamp(min=1)
        shared = self.shared.expand(present.shape[1], -1, -1)  # (batch, bottlenecks, width)
        always = present.new_ones(shared.shape[:2])
        for layer in self.layers:
            written = torch.zeros_like(shared)
            for m, weight in zip(self.modalities, share, strict=True):
                length = values[m].shape[1]
                both = torch.cat([values[m], shared], dim=1)
                both = layer[m](both, torch.cat([tokens[m].mask, always], dim=1))  # type: ignore[index]
                values[m] = both[:, :length]
                written = written + weight.view(-1, 1, 1) * both[:, length:]
            shared = written
        fused = {m: Tokens(self.norm(values[m]), tokens[m].mask) for m in self.modalities}
        return joined(fused, self.modalities)

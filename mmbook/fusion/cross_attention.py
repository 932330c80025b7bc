"""Fusion by attention: tokens of one modality look for what concerns them in the others."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from mmbook.layers.transformer import TransformerStack
from mmbook.tokens import Tokens


def joined(tokens: Mapping[str, Tokens], modalities: Sequence[str]) -> Tokens:
    """The tokens of several modalities one behind the other, (batch, sum of lengths, width)."""
    return Tokens(
        torch.cat([tokens[m].values for m in modalities], dim=1),
        torch.cat([tokens[m].mask for m in modalities], dim=1),
    )


class CrossAttentionFusion(nn.Module):
    """Every modality's tokens ask the tokens of all others, each way with weights of its own.

    tokens: {modality: (batch, length, width)}; returns the tokens of all modalities, one behind the
    other, (batch, sum of lengths, width), each with what it found. Where the others are absent, a
    modality finds nothing and keeps what it has. With one token to look at, the softmax over its
    one score is 1 whatever the query: to choose, there must be two. Sources: Lu et al. 2019 (both
    ways, between blocks of self-attention); Tsai et al. 2019 (a pair of modalities each).
    """

    def __init__(
        self, modalities: Sequence[str], width: int, heads: int = 4, layers: int = 1
    ) -> None:
        super().__init__()
        self.stacks = nn.ModuleDict(
            {m: TransformerStack(width, heads, layers, cross=True) for m in modalities}
        )
        if len(self.stacks) < 2:
            raise ValueError(f"there is nobody to ask among {list(modalities)}")

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        found = {
            m: stack(tokens[m], joined(tokens, [other for other in self.stacks if other != m]))
            for m, stack in self.stacks.items()
        }
        return joined(found, list(found))


class JointAttentionFusion(nn.Module):
    """One transformer over the tokens of all modalities, as if they were one sequence.

    To each token is added a vector that says of which modality it is. tokens: {modality: (batch,
    length, width)}; returns (batch, sum of lengths, width). The cost grows with the square of the
    sum of the lengths. Source: Li et al. 2019 (VisualBERT), Kim et al. 2021 (ViLT).
    """

    def __init__(
        self, modalities: Sequence[str], width: int, heads: int = 4, layers: int = 1
    ) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        self.kinds = nn.Embedding(len(self.modalities), width)
        nn.init.normal_(self.kinds.weight, std=0.02)
        self.stack = TransformerStack(width, heads, layers)

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        marked = {
            m: Tokens(tokens[m].values + kind, tokens[m].mask)
            for m, kind in zip(self.modalities, self.kinds.weight, strict=True)
        }
        return self.stack(joined(marked, self.modalities))

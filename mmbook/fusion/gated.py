"""Gated fusion: what all modalities say together decides how much each one counts."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mmbook.tokens import Tokens


class GatedFusion(nn.Module):
    """A weighted mean of what each modality says, with weights that depend on all of them.

    h_m = tanh(W_m x_m), z = softmax over the modalities of V [x₁; x₂; ...], for each feature by
    itself, and h = Σ z_m h_m. tokens: {modality: (batch, length, width)}; returns one token,
    (batch, 1, width), real where some modality is present. An absent modality has the weight 0.
    Source: Arevalo et al. 2017, with a softmax in place of the sigmoids, for any number.
    """

    def __init__(self, modalities: Sequence[str], width: int) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({m: nn.Linear(width, width) for m in modalities})
        self.gate = nn.Linear(len(self.parts) * width, len(self.parts) * width)

    def gates(self, tokens: Mapping[str, Tokens]) -> Tensor:
        """The weights, (batch, modalities, width): of each feature they sum to 1 or, with no
        modality present, to 0."""
        means = torch.cat([tokens[m].mean() for m in self.parts], dim=1)
        absent = torch.stack([~tokens[m].present() for m in self.parts], dim=1).unsqueeze(-1)
        scores = self.gate(means).unflatten(1, (len(self.parts), -1))  # (batch, m, width)
        # Not -inf: where all are absent, the softmax of that would be NaN.
        lowest = torch.finfo(scores.dtype).min
        return scores.masked_fill(absent, lowest).softmax(dim=1).masked_fill(absent, 0)

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        said = [part(tokens[m].mean()).tanh() for m, part in self.parts.items()]
        fused = (self.gates(tokens) * torch.stack(said, dim=1)).sum(dim=1)  # (batch, width)
        present = torch.stack([tokens[m].present() for m in self.parts], dim=1)
        return Tokens(fused.unsqueeze(1), present.any(dim=1, keepdim=True))

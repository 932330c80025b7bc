"""Late fusion: each modality decides for itself, and the decisions are joined."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mmbook.tokens import Tokens


class LateFusion(nn.Module):
    """The product of what each present modality believes, divided by the prior counted too often.

    log p(y | x₁…x_k) = Σ log p(y | x_m) − (k − 1) log p(y) + constant, which is exact where the
    modalities are independent given y. tokens: {modality: (batch, length, width)}; returns one
    token, (batch, 1, classes), the unnormalised log-posterior; with `decoders.MeanPool` behind it,
    the scores. prior: (classes,) probabilities, uniform by default. Source: Kittler et al. 1998.
    """

    log_prior: Tensor

    def __init__(
        self, modalities: Sequence[str], width: int, classes: int, prior: Tensor | None = None
    ) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        self.heads = nn.ModuleDict({m: nn.Linear(width, classes) for m in self.modalities})
        prior = torch.full((classes,), 1 / classes) if prior is None else prior
        if prior.shape != (classes,) or not (prior > 0).all() or abs(prior.sum() - 1) > 1e-4:
            raise ValueError(
                f"prior must be {classes} positive probabilities, not {prior.tolist()}"
            )
        self.register_buffer("log_prior", prior.log())

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        present = torch.stack([tokens[m].present() for m in self.modalities])  # (modalities, batch)
        beliefs = torch.stack(
            [self.heads[m](tokens[m].mean()).log_softmax(dim=-1) for m in self.modalities]
        )  # (modalities, batch, classes)
        votes = (beliefs - self.log_prior) * present.unsqueeze(-1)
        scores = votes.sum(dim=0) + self.log_prior  # (batch, classes)
        return Tokens.of(scores.unsqueeze(1))

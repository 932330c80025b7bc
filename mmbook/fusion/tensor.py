"""Fusion by products: features of one modality times features of the others."""

from collections.abc import Mapping, Sequence
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.tokens import Tokens


def _with_one(vectors: Tensor) -> Tensor:
    """Vectors with a 1 behind, (batch, n + 1): a product with the 1 is the others."""
    return F.pad(vectors, (0, 1), value=1.0)


def _present(tokens: Mapping[str, Tokens], modalities: Sequence[str]) -> Tensor:
    """(batch, 1), true where some modality is present."""
    return torch.stack([tokens[m].present() for m in modalities], dim=1).any(dim=1, keepdim=True)


def _layers(width: int, outputs: int, hidden: int | None) -> nn.Module:
    """From width to outputs, through a hidden layer where one is wanted."""
    if hidden is None:
        return nn.Linear(width, outputs, bias=False)
    return nn.Sequential(
        nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, outputs, bias=False)
    )


def _vector(layers: nn.Module, tokens: Tokens) -> Tensor:
    """What layers make of the mean token, and 0 where none is real, with a 1 behind."""
    absent = ~tokens.present().unsqueeze(1)
    return _with_one(layers(tokens.mean()).masked_fill(absent, 0))


class TensorFusion(nn.Module):
    """All products of features of different modalities, read by one linear layer.

    z = ⊗ₘ [P_m x_m; 1] holds each feature, each product of two, and so on; with two modalities a
    linear layer on it is the bilinear form z_1ᵀ W z_2. tokens: {modality: (batch, length, width)};
    returns one token, (batch, 1, width), real where some modality is present; an absent one leaves
    the products of the others. factors: features of each modality that are multiplied, to which
    P_m brings them: (factors + 1)^modalities products are made. hidden: neurons of a hidden layer
    in each P_m; without, P_m is linear, and so is what the products are made of. Source: Zadeh et
    al. 2017, whose modalities have networks of their own before the product.
    """

    def __init__(
        self, modalities: Sequence[str], width: int, factors: int = 8, hidden: int | None = None
    ) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        self.parts = nn.ModuleDict({m: _layers(width, factors, hidden) for m in modalities})
        self.output = nn.Linear((factors + 1) ** len(self.modalities), width)

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        vectors = [_vector(part, tokens[m]) for m, part in self.parts.items()]
        products = reduce(lambda x, y: (x.unsqueeze(2) * y.unsqueeze(1)).flatten(1), vectors)
        return Tokens(self.output(products).unsqueeze(1), _present(tokens, self.modalities))


class LowRankFusion(nn.Module):
    """The same with a tensor of low rank, so that no product is ever written down.

    h = Σᵣ ∏ₘ (W_mʳ [x_m; 1]), elementwise products: rank × modalities × width² multiplications,
    where all products of all features would be width^modalities.
    tokens: {modality: (batch, length, width)}; returns one token, (batch, 1, width), real where
    some modality is present. hidden: neurons of a hidden layer that each modality's x_m passes
    through first. Source: Liu et al. 2018.
    """

    def __init__(
        self, modalities: Sequence[str], width: int, rank: int = 8, hidden: int | None = None
    ) -> None:
        super().__init__()
        self.modalities, self.rank = tuple(modalities), rank
        self.parts = nn.ModuleDict(
            {
                m: nn.Identity() if hidden is None else _layers(width, width, hidden)
                for m in modalities
            }
        )
        self.factors = nn.ParameterDict(
            {m: torch.empty(width + 1, rank * width) for m in self.modalities}
        )
        # Each factor about 1 for features about 1, so that neither a product of many vanishes
        # nor one of few is all noise; and a sum over ranks that is about 1 again.
        for factor in self.factors.values():
            nn.init.normal_(factor, std=(width + 1) ** -0.5)
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        factors = [_vector(self.parts[m], tokens[m]) @ self.factors[m] for m in self.modalities]
        product = reduce(torch.mul, factors)  # (batch, rank * width)
        fused = product.unflatten(1, (self.rank, -1)).sum(dim=1) / self.rank**0.5 + self.bias
        return Tokens(fused.unsqueeze(1), _present(tokens, self.modalities))

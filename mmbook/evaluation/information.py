"""How much two variables tell about a third, in bits, from tables of counts."""

import math

import torch
from torch import Tensor


def _probabilities(table: Tensor) -> Tensor:
    """A table as float64 that sums to 1; before any sum, which other types may not hold."""
    if table.is_complex():
        raise ValueError(f"a table must hold real numbers, not {table.dtype}")
    table = table.double()
    if not table.isfinite().all() or (table < 0).any() or table.sum() <= 0:
        raise ValueError("a table must hold counts or probabilities, none negative, some positive")
    return table / table.sum()


def entropy(table: Tensor) -> float:
    """H = −Σ p log₂ p of a table of counts or probabilities of any shape. Source: Shannon 1948."""
    p = _probabilities(table)
    return torch.special.entr(p).sum().item() / math.log(2)


def mutual_information(table: Tensor) -> float:
    """I(X;Y) = H(X) + H(Y) − H(X,Y) of an (x, y) table, in bits. Source: Shannon 1948."""
    if table.ndim != 2:
        raise ValueError(f"a table must have two dimensions, not {table.ndim}")
    table = _probabilities(table)
    return entropy(table.sum(1)) + entropy(table.sum(0)) - entropy(table)


def _pairs(table: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The tables (x₁, y), (x₂, y) and ((x₁, x₂), y) of an (x₁, x₂, y) table."""
    if table.ndim != 3:
        raise ValueError(f"a table must have three dimensions, not {table.ndim}")
    table = _probabilities(table)
    return table.sum(1), table.sum(0), table.flatten(0, 1)


def co_information(table: Tensor) -> float:
    """I(X₁;Y) + I(X₂;Y) − I(X₁,X₂;Y) of an (x₁, x₂, y) table, in bits: redundancy minus synergy.

    Source: McGill 1954.
    """
    first, second, both = _pairs(table)
    return mutual_information(first) + mutual_information(second) - mutual_information(both)


def partial_information(table: Tensor) -> dict[str, float]:
    """What two variables tell about a third, split into four parts, in bits.

    table: (x₁, x₂, y) counts or probabilities. Returns redundancy R, unique U₁ and U₂ and synergy
    S with I(X₁;Y) = R + U₁, I(X₂;Y) = R + U₂ and I(X₁,X₂;Y) = R + U₁ + U₂ + S, where
    R = Σ_y p(y) min_i I(X_i; Y=y). Source: Williams and Beer 2010.
    """
    first, second, both = _pairs(table)
    joint = torch.stack([_specific_information(first), _specific_information(second)])
    redundancy = (first.sum(0) * joint.min(dim=0).values).sum().item()
    unique_1 = mutual_information(first) - redundancy
    unique_2 = mutual_information(second) - redundancy
    synergy = mutual_information(both) - redundancy - unique_1 - unique_2
    return {
        "redundancy": redundancy,
        "unique 1": unique_1,
        "unique 2": unique_2,
        "synergy": synergy,
    }


def _specific_information(table: Tensor) -> Tensor:
    """(y,): Σ_x p(x|y) log₂ (p(y|x) / p(y)) of an (x, y) table; zero where p(y) is."""
    x_given_y = table / table.sum(0).clamp(min=1e-300)
    y_given_x = table / table.sum(1, keepdim=True).clamp(min=1e-300)
    ratio = y_given_x / table.sum(0).clamp(min=1e-300)
    return torch.xlogy(x_given_y, ratio.clamp(min=1e-300)).sum(0) / math.log(2)

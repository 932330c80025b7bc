"""What each sense is worth to an answer, when worth is what it adds to those already there."""

from collections.abc import Mapping
from math import comb

import torch
from torch import Tensor, nn

from mmbook.explaining.scores import chosen
from mmbook.layers.modes import evaluating

MOST = 12  # players: 4096 coalitions


def shapley_values(worths: Tensor) -> Tensor:
    """The Shapley value of each of M players: (M, ...), from what every coalition is worth.

    worths: (2ᴹ, ...); the coalition at number c holds player m where bit m of c is 1, so the first
    is nobody and the last all. Values sum to all less nobody. Raises ValueError for another number
    of coalitions, whole numbers and NaN. Source: Shapley 1953. Chapter `explainability`,
    eq. ex-shapley.
    """
    players = len(worths).bit_length() - 1 if worths.ndim else 0
    if not 1 <= players <= MOST or len(worths) != 2**players:
        raise ValueError(
            f"worths must be (2ᴹ, ...) for 1 to {MOST} players, not {tuple(worths.shape)}"
        )
    if not worths.is_floating_point() or not worths.isfinite().all():
        raise ValueError("worths must be finite floating-point numbers")
    values = []
    for player in range(players):
        value = torch.zeros_like(worths[0])
        for coalition in range(2**players):
            if not coalition >> player & 1:
                # Of all orders, so many in which exactly these come before the player.
                share = 1 / (players * comb(players - 1, coalition.bit_count()))
                value = value + share * (worths[coalition | 1 << player] - worths[coalition])
        values.append(value)
    return torch.stack(values)


@torch.no_grad()
def sense_worths(model: nn.Module, inputs: Mapping[str, Tensor], target: Tensor | int) -> Tensor:
    """The target's score with every coalition of senses: (2ᴹ, n), in the order of `shapley_values`.

    model: called as `MultimodalModel` is, with `present`; the senses that a coalition lacks are
    hidden by its masks, all of them for nobody. inputs: {sense: (n, ...)}. target: (n,), or one
    class for all. Raises ValueError for no senses, too many, different n, or as `target_scores`.
    """
    senses, counts = list(inputs), {len(values) for values in inputs.values()}
    if not 1 <= len(senses) <= MOST or len(counts) != 1 or counts == {0}:
        raise ValueError(
            f"inputs must be 1 to {MOST} senses of one number of samples, not {len(senses)} of "
            f"{sorted(counts)}"
        )
    (count,) = counts
    found = []
    with evaluating(model):
        for coalition in range(2 ** len(senses)):
            present = {
                sense: torch.full((count,), bool(coalition >> bit & 1), device=inputs[sense].device)
                for bit, sense in enumerate(senses)
            }
            found.append(chosen(model(inputs, present=present), target, count))
    return torch.stack(found)


def sense_values(
    model: nn.Module, inputs: Mapping[str, Tensor], target: Tensor | int
) -> dict[str, Tensor]:
    """The Shapley value of each sense for the target's score: {sense: (n,)}, in double precision.

    They sum to the score with all senses less that with none. Arguments and errors: those of
    `sense_worths`. For scores that compare over coalitions, give `LogProbabilities(model)`.
    """
    values = shapley_values(sense_worths(model, inputs, target).double())
    return dict(zip(inputs, values, strict=True))

"""How far up in a list is what was looked for?"""

import torch
from torch import Tensor


def ranks(scores: Tensor, relevant: Tensor | None = None) -> Tensor:
    """The rank of the best relevant candidate of each query, 1 for the first: (queries,) float64.

    scores: (queries, candidates), higher is nearer. relevant: (queries, candidates) boolean, true
    where a candidate answers a query; by default query i is answered by candidate i alone. Of those
    that score the same as the best relevant one, half of the others count as before it: a list in
    random order among equals, so that a constant score is no better than chance.
    Raises ValueError for other shapes, NaN, and a query without an answer.
    """
    if scores.ndim != 2 or scores.is_complex() or not scores.numel():
        raise ValueError(f"scores must be real (queries, candidates), not {tuple(scores.shape)}")
    if scores.isnan().any():
        raise ValueError("scores hold NaN, which has no place in an order")
    if relevant is None:
        if scores.shape[0] > scores.shape[1]:
            raise ValueError(f"{scores.shape[0]} queries have but {scores.shape[1]} candidates")
        relevant = torch.eye(*scores.shape, dtype=torch.bool, device=scores.device)
    if relevant.shape != scores.shape or relevant.dtype != torch.bool:
        raise ValueError(
            f"relevant must be boolean {tuple(scores.shape)}, not {relevant.dtype} "
            f"{tuple(relevant.shape)}"
        )
    if not relevant.any(dim=1).all():
        raise ValueError(f"query {int(relevant.any(dim=1).int().argmin())} has no answer")
    scores = scores.double()
    best = scores.masked_fill(~relevant, -torch.inf).amax(dim=1, keepdim=True)
    before = ((scores > best) & ~relevant).sum(dim=1)
    equal = ((scores == best) & ~relevant).sum(dim=1)
    return 1 + before + equal / 2


def recall_at(ranks: Tensor, k: int) -> float:
    """The share of queries whose answer is among the first k. Raises ValueError for k below 1."""
    if k < 1 or not len(ranks):
        raise ValueError(f"recall needs queries, and k from 1 up, not {k} of {len(ranks)} queries")
    return (ranks <= k).double().mean().item()


def median_rank(ranks: Tensor) -> float:
    """The rank that half of the queries reach; between two it is their mean.

    Raises ValueError without queries.
    """
    if not len(ranks):
        raise ValueError("there are no queries")
    return ranks.double().quantile(0.5).item()

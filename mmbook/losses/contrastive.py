"""Contrastive losses of pairs: each half should find its partner among all others."""

from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, distributed

from mmbook.losses.loss import Loss


@lru_cache(maxsize=1)
def _group(world: Any) -> Any:
    """All processes once more, with an order of messages of its own.

    In the backward pass DDP sends gradients as soon as they are known, which may be before the
    rows' gradients in one process and after them in another that uses other weights.
    """
    return distributed.new_group()


class _Gathered(torch.autograd.Function):
    """The rows of all processes, of which each may have another number, with their gradients.

    Every process's loss depends on every row, so a row's gradient is the sum over the processes.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor, counts: list[int]) -> Tensor:
        rank, longest = distributed.get_rank(), max(counts)
        ctx.own = slice(sum(counts[:rank]), sum(counts[: rank + 1]))
        parts = [rows.new_empty(longest, *rows.shape[1:]) for _ in counts]
        filled = torch.cat([rows, rows.new_zeros(longest - len(rows), *rows.shape[1:])])
        distributed.all_gather(parts, filled, _group(distributed.group.WORLD))
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        total = gradients[0].contiguous()
        distributed.all_reduce(total, group=_group(distributed.group.WORLD))
        return total[ctx.own], None


def _counts(rows: Tensor) -> list[int]:
    """The numbers of rows of all processes."""
    own = torch.tensor([len(rows)], device=rows.device)
    counts = [torch.zeros_like(own) for _ in range(distributed.get_world_size())]
    distributed.all_gather(counts, own, _group(distributed.group.WORLD))
    return torch.cat(counts).tolist()


def _of_all_processes(rows: Tensor) -> tuple[Tensor, int]:
    """The rows of all processes where they train together, and where one's own begin in them."""
    if not distributed.is_initialized() or not torch.is_grad_enabled():
        return rows, 0
    counts = _counts(rows)
    return _Gathered.apply(rows, counts), sum(counts[: distributed.get_rank()])


def _check_pairs(first: Tensor, second: Tensor) -> None:
    """Raise ValueError unless both halves are (n, width)."""
    if first.ndim != 2 or first.shape != second.shape:
        raise ValueError(
            f"both halves must be (n, width), not {tuple(first.shape)} and {tuple(second.shape)}"
        )


def contrastive(
    first: Tensor, second: Tensor, scale: Tensor | float, hard: Tensor | None = None
) -> Loss:
    """Symmetric InfoNCE: the cross-entropy of finding each row's partner among all rows.

    first, second: (n, width), row i of both a pair; their length does not matter. scale: what the
    cosine similarities are multiplied by (1 / temperature), a number or a scalar tensor to learn.
    hard: (m, width), hard negatives: of the kind of `second` and the partner of nobody, as captions
    with two words exchanged; each row of `first` must tell its partner from them too.
    Counts pairs. In training, partners are looked for among the rows of all processes, and
    gradients find their way back; the rows of other micro-batches do not take part.
    Raises ValueError for other shapes. Sources: Radford et al. (2021), Learning Transferable Visual
    Models from Natural Language Supervision; Yuksekgonul et al. (2023) for hard negatives.
    """
    _check_pairs(first, second)
    width = first.shape[1]
    if hard is not None and (hard.ndim != 2 or hard.shape[1] != width):
        raise ValueError(f"hard negatives must be (m, {width}), not {tuple(hard.shape)}")
    pairs = torch.cat([F.normalize(first, dim=1), F.normalize(second, dim=1)], dim=1)
    others, start = _of_all_processes(pairs)  # (all, 2 width)
    partners = others[:, width:]
    if hard is not None:
        partners = torch.cat([partners, _of_all_processes(F.normalize(hard, dim=1))[0]])
    own = torch.arange(start, start + len(pairs), device=pairs.device)
    there = scale * pairs[:, :width] @ partners.T  # (n, all + hard)
    back = scale * pairs[:, width:] @ others[:, :width].T  # (n, all)
    found, finding = (F.cross_entropy(x, own, reduction="sum") for x in (there, back))
    return Loss((found + finding) / 2, len(pairs))


def sigmoid_contrastive(
    first: Tensor, second: Tensor, scale: Tensor | float, bias: Tensor | float
) -> Loss:
    """Of every combination of rows by itself: is it a pair or not?

    Of a pair -log σ(s), of all else -log σ(-s), with s = scale · cosine + bias; no row is compared
    with the others, as a softmax does. first, second, scale: as in `contrastive`. bias: a number or
    a scalar tensor to learn, far below 0 at first, as nearly all combinations are no pairs.
    Counts pairs: the sum of all combinations by the number of pairs. In training, combinations with
    the rows of all processes count. Raises ValueError for other shapes. Source: Zhai et al. (2023).
    """
    _check_pairs(first, second)
    partners, start = _of_all_processes(F.normalize(second, dim=1))
    scores = scale * F.normalize(first, dim=1) @ partners.T + bias  # (n, all)
    own = torch.zeros_like(scores)
    own.diagonal(start).fill_(1)
    total = F.binary_cross_entropy_with_logits(scores, own, reduction="sum")
    return Loss(total, len(first))

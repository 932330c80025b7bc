"""Contrastive loss of pairs: each half should find its partner among all others."""

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


def contrastive(first: Tensor, second: Tensor, scale: Tensor | float) -> Loss:
    """Symmetric InfoNCE: the cross-entropy of finding each row's partner among all rows.

    first, second: (n, width), row i of both a pair; their length does not matter. scale: what the
    cosine similarities are multiplied by (1 / temperature), a number or a scalar tensor to learn.
    Counts pairs. In training, partners are looked for among the rows of all processes, and
    gradients find their way back; the rows of other micro-batches do not take part.
    Raises ValueError for other shapes. Source: Radford et al. (2021), Learning Transferable Visual
    Models from Natural Language Supervision.
    """
    if first.ndim != 2 or first.shape != second.shape:
        raise ValueError(
            f"both halves must be (n, width), not {tuple(first.shape)} and {tuple(second.shape)}"
        )
    width, start = first.shape[1], 0
    pairs = torch.cat([F.normalize(first, dim=1), F.normalize(second, dim=1)], dim=1)
    others = pairs  # (m, 2 width), those of all processes
    if distributed.is_initialized() and torch.is_grad_enabled():
        counts = _counts(pairs)
        start = sum(counts[: distributed.get_rank()])
        others = _Gathered.apply(pairs, counts)
    own = torch.arange(start, start + len(pairs), device=pairs.device)
    there = scale * pairs[:, :width] @ others[:, width:].T  # (n, m)
    back = scale * pairs[:, width:] @ others[:, :width].T
    found, finding = (F.cross_entropy(x, own, reduction="sum") for x in (there, back))
    return Loss((found + finding) / 2, len(pairs))

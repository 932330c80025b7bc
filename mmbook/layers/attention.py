"""Attention: every query takes a weighted mean of values, weighted by how well their keys fit."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.layers.positions import apply_rotary_embedding


def causal_mask(queries: int, keys: int, device: torch.device | None = None) -> Tensor:
    """(queries, keys), true where a query may look: at its own position and before.

    The queries are the last positions of the keys, so query i stands at keys - queries + i.
    """
    everything = torch.ones(queries, keys, dtype=torch.bool, device=device)
    return everything.tril(keys - queries)


def attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False
) -> Tensor:
    """Scaled dot-product attention, softmax(q kᵀ/√width) v, without storing the weights.

    q: (..., queries, width); k: (..., keys, width); v: (..., keys, outputs).
    mask: boolean, broadcastable to (..., queries, keys), true where the query may look at the key.
    causal: a query looks at no later position; it stands at the same distance from the end as in k.
    Returns (..., queries, outputs); zeros where a query may look at no key.
    Raises ValueError on a mask that is not boolean, or more queries than keys with `causal`.
    Source: Vaswani et al. 2017, equation (1). Chapter `attention`.
    """
    queries, keys = q.shape[-2], k.shape[-2]
    if mask is not None and mask.dtype != torch.bool:
        raise ValueError(f"mask must be boolean, true where a query may look, not {mask.dtype}")
    if causal and queries > keys:
        raise ValueError(f"causal attention needs a key for each query, not {keys} for {queries}")
    if causal and (mask is not None or queries < keys):
        past = causal_mask(queries, keys, q.device)
        mask, causal = past if mask is None else mask & past, False
    if mask is None:
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    # The softmax over nothing is 0/0: such a query looks at everything, and its result is dropped.
    blind = ~mask.any(dim=-1, keepdim=True)  # (..., queries, 1)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask | blind).masked_fill(blind, 0)


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own slice of the width.

    x: (batch, queries, width), who asks; memory: (batch, keys, width), who is asked: x itself where
    it is not given (self-attention), other tokens where it is (cross-attention).
    mask: boolean, (batch, keys), true where a token of the memory is real, whatever the others
    hold; or (batch, queries, keys), true where a query may look at a key.
    causal: as in `attention`. rotary: positions as rotations of queries and keys.
    Returns (batch, queries, width); zeros for a query to which `mask` shows nothing.
    Raises ValueError on shapes that do not fit. Source: Vaswani et al. 2017, section 3.2.2.
    """

    def __init__(self, width: int, heads: int, rotary: bool = False) -> None:
        super().__init__()
        if width % heads or (rotary and width // heads % 2):
            even = "even " if rotary else ""
            raise ValueError(f"{heads} heads cannot share a width of {width} in equal {even}parts")
        self.width, self.heads, self.rotary = width, heads, rotary
        self.qkv = nn.Linear(width, 3 * width)  # the three projections of all heads at once
        self.output = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.qkv.weight)
        nn.init.zeros_(self.qkv.bias)
        nn.init.zeros_(self.output.bias)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        self._check(x, memory, mask)
        if mask is not None and mask.ndim == 2:
            # A weight of 0 does not silence NaN: what is not real must be a number.
            source = (x if memory is None else memory).masked_fill(~mask.unsqueeze(-1), 0)
            x, memory = (source, None) if memory is None else (x, source)
            mask = mask.unsqueeze(1)  # (batch, 1, keys): the same for each query
        q, k, v = self._project(x, memory)  # each (batch, heads, length, width / heads)
        if self.rotary:
            q = apply_rotary_embedding(q, start=k.shape[2] - q.shape[2] if causal else 0)
            k = apply_rotary_embedding(k)
        heads = attention(q, k, v, None if mask is None else mask.unsqueeze(1), causal)
        y = self.output(heads.transpose(1, 2).flatten(2))  # (batch, queries, width)
        return y if mask is None else y.masked_fill(~mask.any(dim=-1, keepdim=True), 0)

    def _project(self, x: Tensor, memory: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        if memory is None:
            q, k, v = self._split(self.qkv(x), 3)
            return q, k, v
        sizes = (self.width, 2 * self.width)
        (of_q, of_kv), (q_bias, kv_bias) = self.qkv.weight.split(sizes), self.qkv.bias.split(sizes)
        (q,) = self._split(F.linear(x, of_q, q_bias), 1)
        k, v = self._split(F.linear(memory, of_kv, kv_bias), 2)
        return q, k, v

    def _split(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        x = x.unflatten(-1, (parts, self.heads, -1))  # (batch, length, parts, heads, width / heads)
        return x.permute(2, 0, 3, 1, 4).unbind()

    def _check(self, x: Tensor, memory: Tensor | None, mask: Tensor | None) -> None:
        source = x if memory is None else memory
        for name, tokens in (("x", x), ("memory", source)):
            if tokens.ndim != 3 or tokens.shape[-1] != self.width or len(tokens) != len(x):
                raise ValueError(
                    f"{name} must have shape (batch, length, {self.width}) and the batch of x, "
                    f"not {tuple(tokens.shape)}"
                )
        batch, queries, keys = len(x), x.shape[1], source.shape[1]
        if mask is not None and tuple(mask.shape) not in ((batch, keys), (batch, queries, keys)):
            raise ValueError(
                f"mask must have shape {(batch, keys)} or {(batch, queries, keys)}, "
                f"not {tuple(mask.shape)}"
            )

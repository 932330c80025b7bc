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
    """Scaled dot-product attention, softmax(q kᵀ/√width) v, by PyTorch's own function.

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


Keys = tuple[Tensor, Tensor]  # keys and values: (batch, kv_heads, length, width / heads) each


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on its own slice of the width.

    x: (batch, queries, width), who asks; memory: (batch, keys, width), who is asked: x itself where
    it is not given (self-attention), other tokens where it is (cross-attention); or what `keys`
    made of them before.
    mask: boolean, (batch, keys), true where a token of the memory is real, whatever the others
    hold; or (batch, queries, keys), true where a query may look at a key.
    causal: as in `attention`. rotary: positions as rotations of queries and keys. positions:
    (length,) or (batch, length), those of x; counted where they are not given.
    kv_heads: how many heads keys and values have, each for heads / kv_heads heads of queries.
    Returns (batch, queries, width); zeros for a query to which `mask` shows nothing.
    Raises ValueError on shapes that do not fit. Sources: Vaswani et al. 2017, section 3.2.2;
    Ainslie et al. 2023 for fewer heads of keys.
    """

    def __init__(
        self, width: int, heads: int, rotary: bool = False, kv_heads: int | None = None
    ) -> None:
        super().__init__()
        kv_heads = heads if kv_heads is None else kv_heads
        if width % heads or (rotary and width // heads % 2):
            even = "even " if rotary else ""
            raise ValueError(f"{heads} heads cannot share a width of {width} in equal {even}parts")
        if kv_heads < 1 or heads % kv_heads:
            raise ValueError(f"{heads} heads cannot share {kv_heads} heads of keys equally")
        self.width, self.heads, self.kv_heads, self.rotary = width, heads, kv_heads, rotary
        kv_width = width // heads * kv_heads
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, kv_width)
        self.value, self.output = nn.Linear(width, kv_width), nn.Linear(width, width)
        joint = torch.empty(width + 2 * kv_width, width)  # one matrix, one range for all three
        nn.init.xavier_uniform_(joint)
        parts = joint.split((width, kv_width, kv_width))
        for layer, part in zip((self.query, self.key, self.value), parts, strict=True):
            layer.weight.data.copy_(part)
        for layer in (self.query, self.key, self.value, self.output):
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | Keys | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
        positions: Tensor | None = None,
    ) -> Tensor:
        self._check(x, memory, mask)
        if isinstance(memory, tuple):
            k, v = memory
        else:
            source = x if memory is None else memory
            if mask is not None and mask.ndim == 2:
                # A weight of 0 does not silence NaN: what is not real must be a number.
                source = source.masked_fill(~mask.unsqueeze(-1), 0)
                x = source if memory is None else x
            k, v = self.keys(source, positions if memory is None else None)
        if causal and positions is None:  # the queries are the last of the keys
            positions = torch.arange(k.shape[2] - x.shape[1], k.shape[2], device=x.device)
        q = self._rotated(self._heads(self.query(x)), positions)
        if self.kv_heads < self.heads:
            k, v = (y.repeat_interleave(self.heads // self.kv_heads, dim=1) for y in (k, v))
        if mask is not None and mask.ndim == 2:
            mask = mask.unsqueeze(1)  # (batch, 1, keys): the same for each query
        heads = attention(q, k, v, None if mask is None else mask.unsqueeze(1), causal)
        y = self.output(heads.transpose(1, 2).flatten(2))  # (batch, queries, width)
        return y if mask is None else y.masked_fill(~mask.any(dim=-1, keepdim=True), 0)

    def keys(self, x: Tensor, positions: Tensor | None = None, past: Keys | None = None) -> Keys:
        """What queries read of x, keys rotated once and for all, behind what they read before.

        x: (batch, length, width); positions: as in `forward`. A cache stores what this returns.
        """
        if past is not None and positions is None:
            before = past[0].shape[2]
            positions = torch.arange(before, before + x.shape[1], device=x.device)
        k = self._rotated(self._heads(self.key(x)), positions)
        v = self._heads(self.value(x))
        if past is None:
            return k, v
        return torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (-1, self.width // self.heads)).transpose(1, 2)

    def _rotated(self, x: Tensor, positions: Tensor | None) -> Tensor:
        if not self.rotary:
            return x
        if positions is not None and positions.ndim == 2:
            positions = positions.unsqueeze(1)  # (batch, 1, length): the same for each head
        return apply_rotary_embedding(x, positions)

    def _check(self, x: Tensor, memory: Tensor | Keys | None, mask: Tensor | None) -> None:
        source = x if memory is None else memory
        for name, tokens in (("x", x), ("memory", source)):
            if isinstance(tokens, tuple):
                if len(tokens[0]) != len(x):
                    raise ValueError(
                        f"keys must have the batch of x, {len(x)}, not {len(tokens[0])}"
                    )
            elif tokens.ndim != 3 or tokens.shape[-1] != self.width or len(tokens) != len(x):
                raise ValueError(
                    f"{name} must have shape (batch, length, {self.width}) and the batch of x, "
                    f"not {tuple(tokens.shape)}"
                )
        batch, queries = x.shape[:2]
        keys = source[0].shape[2] if isinstance(source, tuple) else source.shape[1]
        if mask is not None and tuple(mask.shape) not in ((batch, keys), (batch, queries, keys)):
            raise ValueError(
                f"mask must have shape {(batch, keys)} or {(batch, queries, keys)}, "
                f"not {tuple(mask.shape)}"
            )

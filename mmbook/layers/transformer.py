"""Transformer blocks: tokens read from each other, then each thinks for itself."""

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from mmbook.layers.attention import Keys, MultiHeadAttention
from mmbook.tokens import Tokens


class FeedForward(nn.Sequential):
    """Two linear layers with a GELU between, the same for each token by itself.

    (..., width) to the same shape. Source: Vaswani et al. 2017, section 3.3; Hendrycks & Gimpel
    2016 for the GELU.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))


class TransformerBlock(nn.Module):
    """Self-attention, with `cross` also cross-attention, and a feed-forward network.

    Each adds what it finds to the tokens. norm_first: it reads normalised tokens and adds to them
    as they are (pre-norm); otherwise the sum is normalised (post-norm).
    x: (batch, length, width), mask: (batch, length), true where a token is real; memory, of the
    same width, and memory_mask for cross-attention. Returns (batch, length, width).
    dropout: the share of what each part adds that is dropped in training. kv_heads: as in
    `MultiHeadAttention`.
    Raises ValueError where cross-attention lacks a memory, or there is a memory without it.
    Source: Vaswani et al. 2017; Xiong et al. 2020 for pre-norm.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int | None = None,
        *,
        norm_first: bool = True,
        cross: bool = False,
        rotary: bool = False,
        dropout: float = 0.0,
        kv_heads: int | None = None,
    ) -> None:
        super().__init__()
        self.norm_first = norm_first
        self.attention = MultiHeadAttention(width, heads, rotary, kv_heads)
        self.attention_norm = nn.LayerNorm(width)
        self.cross_attention = (
            MultiHeadAttention(width, heads, kv_heads=kv_heads) if cross else None
        )
        self.cross_norm = nn.LayerNorm(width) if cross else None
        self.feed_forward = FeedForward(width, hidden or 4 * width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        attend = self.attention
        return self._parts(x, lambda h: attend(h, mask=mask, causal=causal), memory, memory_mask)

    def step(
        self,
        x: Tensor,
        past: Keys | None,
        mask: Tensor | None = None,
        positions: Tensor | None = None,
        memory: Keys | None = None,
        memory_mask: Tensor | None = None,
    ) -> tuple[Tensor, Keys]:
        """What `forward` computes for new tokens behind others, causally, and the keys of all.

        x: (batch, new, width); past: the keys of those before. mask: (batch, all), true where
        a token is real, old or new. positions: of the new ones. memory: keys of cross-attention.
        """
        attend, kept = self.attention, []

        def look(h: Tensor) -> Tensor:
            kept.append(attend.keys(h, positions, past))
            return attend(h, kept[0], mask, causal=True, positions=positions)

        return self._parts(x, look, memory, memory_mask), kept[0]

    def _parts(
        self,
        x: Tensor,
        attend: Callable[[Tensor], Tensor],
        memory: Tensor | Keys | None,
        memory_mask: Tensor | None,
    ) -> Tensor:
        cross = self.cross_attention
        if (memory is None) != (cross is None):
            lacking = "no memory to read" if memory is None else "no cross-attention to read memory"
            raise ValueError(f"the block has {lacking}")
        x = self._add(x, self.attention_norm, attend)
        if cross is not None and self.cross_norm is not None:
            x = self._add(x, self.cross_norm, lambda h: cross(h, memory, memory_mask))
        return self._add(x, self.feed_forward_norm, self.feed_forward)

    def _add(self, x: Tensor, norm: nn.Module, part: Callable[[Tensor], Tensor]) -> Tensor:
        if self.norm_first:
            return x + self.dropout(part(norm(x)))
        return norm(x + self.dropout(part(x)))


class TransformerStack(nn.Module):
    """Transformer blocks one behind the other, and with pre-norm a last normalisation.

    tokens: of the stack's width; memory: other tokens, for blocks with `cross`; causal: no token
    looks at a later one. Returns tokens of the same shape and mask. What tokens that are not real
    hold has no influence on the others. As an encoder: without `cross` and `causal`; as a language
    model: with `causal`; as a decoder that reads a memory: with both.
    At the start, what the 2 or 3 parts of each of n blocks add is scaled by 1/√(parts n) for
    pre-norm, so that the sum does not grow with the depth (Radford et al. 2019).
    """

    def __init__(
        self,
        width: int,
        heads: int,
        layers: int,
        hidden: int | None = None,
        *,
        norm_first: bool = True,
        cross: bool = False,
        rotary: bool = False,
        dropout: float = 0.0,
        kv_heads: int | None = None,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            TransformerBlock(
                width,
                heads,
                hidden,
                norm_first=norm_first,
                cross=cross,
                rotary=rotary,
                dropout=dropout,
                kv_heads=kv_heads,
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width) if norm_first else nn.Identity()
        if norm_first:
            for name, weight in self.named_parameters():
                if name.endswith(("attention.output.weight", "feed_forward.2.weight")):
                    weight.data *= ((3 if cross else 2) * layers) ** -0.5

    def forward(self, tokens: Tokens, memory: Tokens | None = None, causal: bool = False) -> Tokens:
        # What is not real may hold anything, and even a NaN must not reach a gradient.
        x = tokens.values.masked_fill(~tokens.mask.unsqueeze(-1), 0)
        read, read_mask = (None, None) if memory is None else (memory.values, memory.mask)
        for block in self.blocks:
            x = block(x, tokens.mask, causal, read, read_mask)
        return Tokens(self.norm(x), tokens.mask)

    def keys(self, memory: Tokens) -> tuple[Keys, ...]:
        """What the cross-attention of each block reads of a memory."""
        values = memory.values.masked_fill(~memory.mask.unsqueeze(-1), 0)
        layers = [block.cross_attention for block in self._each()]
        return tuple(layer.keys(values) for layer in layers if layer is not None)

    def step(
        self,
        x: Tensor,
        past: Sequence[Keys | None],
        mask: Tensor | None = None,
        positions: Tensor | None = None,
        memory: Sequence[Keys | None] = (),
        memory_mask: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Keys, ...]]:
        """New tokens behind others, causally; see `TransformerBlock.step`, one pair a block."""
        kept = []
        for block, old, read in zip(self._each(), past, memory or [None] * len(past), strict=True):
            x, keys = block.step(x, old, mask, positions, read, memory_mask)
            kept.append(keys)
        return self.norm(x), tuple(kept)

    def _each(self) -> list[TransformerBlock]:
        return [block for block in self.blocks if isinstance(block, TransformerBlock)]

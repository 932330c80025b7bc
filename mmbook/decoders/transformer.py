"""The transformer as a decoder: a causal stack between an embedding and its transpose."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mmbook.decoders.autoregressive import AutoregressiveDecoder, State
from mmbook.layers.attention import Keys
from mmbook.layers.transformer import TransformerStack
from mmbook.tokens import Tokens


@dataclass(frozen=True, eq=False)
class Cache(State):
    """The keys of what was read, one pair a block, so that no token is read twice.

    real: (rows, length), which of them are, or None where all are. memory, mask: keys of
    cross-attention, one pair a block, and which are real.
    """

    past: tuple[Keys | None, ...]
    real: Tensor | None = None
    memory: tuple[Keys, ...] = ()
    mask: Tensor | None = None


class TransformerDecoder(AutoregressiveDecoder[Cache]):
    """Causal transformer blocks that score each token of the vocabulary as the next one.

    logits: (rows, length, vocabulary), at position t for token t + 1. They depend on the tokens up
    to t alone, and with `cross` on the memory, which each block reads. tied: the output layer has
    the weights of the embedding (Press and Wolf 2017). dropout: of embeddings and of what each part
    of a block adds, in training. kv_heads: as in `MultiHeadAttention`; fewer make the cache small.
    Sources: Radford et al. 2019; Vaswani et al. 2017 for `cross`; positions are rotary (Su et al.
    2024).
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        heads: int = 4,
        layers: int = 2,
        *,
        cross: bool = False,
        kv_heads: int | None = None,
        tied: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(vocabulary, width, cross)
        self.embedding = nn.Embedding(vocabulary, width)
        # Logits are dot products with states of length √width: they start with a size of about 1.
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.dropout = nn.Dropout(dropout)
        self.stack = TransformerStack(
            width, heads, layers, cross=cross, rotary=True, dropout=dropout, kv_heads=kv_heads
        )
        self.output = nn.Linear(width, vocabulary, bias=False)
        if tied:
            self.output.weight = self.embedding.weight

    def start(self, memory: Tokens | None, rows: int) -> Cache:
        read, nothing = self._checked(memory, rows), (None,) * len(self.stack.blocks)
        if read is None:
            return Cache(nothing)
        return Cache(nothing, None, self.stack.keys(read), read.mask)

    def advance(self, ids: Tensor, state: Cache) -> tuple[Tensor, Cache]:
        return self._read(self.dropout(self.embedding(ids)), None, state)

    def _read(self, x: Tensor, real: Tensor | None, state: Cache) -> tuple[Tensor, Cache]:
        """Read vectors (rows, new, width) behind the past; real: (rows, new), None for all."""
        mask, positions = real, None
        if real is not None or state.real is not None:
            new = x.new_ones(x.shape[:2], dtype=torch.bool) if real is None else real
            mask = new if state.real is None else torch.cat((state.real, new), dim=1)
            # What is not real takes no place: positions count what is.
            positions = mask.cumsum(dim=1)[:, -x.shape[1] :].sub(1).clamp(min=0)
        known, past = self.stack.step(x, state.past, mask, positions, state.memory, state.mask)
        return known, Cache(past, mask, state.memory, state.mask)


class PrefixDecoder(TransformerDecoder):
    """A language model to which a memory is what it has read before its first token.

    The memory stands in front of the text as tokens like others, whatever made them: an image that
    a language model reads. Without a memory it is the language model. Source: Liu et al. 2023.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        heads: int = 4,
        layers: int = 2,
        *,
        kv_heads: int | None = None,
        tied: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            vocabulary, width, heads, layers, kv_heads=kv_heads, tied=tied, dropout=dropout
        )

    def start(self, memory: Tokens | None, rows: int) -> Cache:
        state = super().start(None, rows)
        if memory is None:
            return state
        read = self._hidden(memory, rows)
        return self._read(read.values, read.mask, state)[1]

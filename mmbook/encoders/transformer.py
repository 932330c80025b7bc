"""Transformer encoder: sentences, or tokens of any kind, to tokens that know of each other."""

from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.layers.checks import check_ids
from mmbook.layers.positions import SinusoidalPositions
from mmbook.layers.transformer import TransformerStack
from mmbook.tokens import Tokens


class TransformerEncoder(nn.Module):
    """Each word, character or given token looks at all others and becomes one token.

    inputs: ids (batch, length), integers in [0, vocabulary), 0 is padding wherever it stands; or
    Padded ids, of which those within each row's length are real; or Tokens of the encoder's width.
    Tokens out: (batch, length, width), real where the id or token is.
    vocabulary: None for an encoder that is given Tokens only. rotary: positions as rotations in
    each attention; otherwise sinusoids, added once.
    Raises ValueError on another rank, an id out of range, or tokens of another width.
    Source: Vaswani et al. 2017.
    """

    def __init__(
        self,
        vocabulary: int | None,
        width: int = 64,
        heads: int = 4,
        layers: int = 2,
        hidden: int | None = None,
        *,
        rotary: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.width = width
        self.embedding = None if vocabulary is None else nn.Embedding(vocabulary, width, 0)
        self.positions = nn.Identity() if rotary else SinusoidalPositions()
        self.stack = TransformerStack(width, heads, layers, hidden, rotary=rotary, dropout=dropout)

    def forward(self, inputs: Tensor | Padded | Tokens) -> Tokens:
        tokens = inputs if isinstance(inputs, Tokens) else self._embed(inputs)
        if tokens.width != self.width:
            raise ValueError(f"tokens must have a width of {self.width}, not {tokens.width}")
        return self.stack(Tokens(self.positions(tokens.values), tokens.mask))

    def _embed(self, ids: Tensor | Padded) -> Tokens:
        ids, mask = (ids.filled(), ids.mask) if isinstance(ids, Padded) else (ids, ids != 0)
        if self.embedding is None:
            raise ValueError("an encoder without a vocabulary reads Tokens, not ids")
        check_ids(ids, self.embedding.num_embeddings)
        return Tokens(self.embedding(ids), mask)

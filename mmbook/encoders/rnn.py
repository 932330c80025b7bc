"""Recurrent encoder: sentences to tokens."""

from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.layers.checks import check_ids
from mmbook.layers.recurrent import Cell, read, recurrent
from mmbook.tokens import Tokens


class RecurrentEncoder(nn.Module):
    """A recurrent network turns each word or character into one token.

    ids: (batch, length), integers in [0, vocabulary), 0 is padding and only follows what is real;
    or Padded ids, of which those within each row's length are real; tokens: (batch, length, width),
    real where the id is. A row of zeros, or of length 0, is an absent text.
    cell: "rnn", "gru" or "lstm", whose weights are the attribute of that name.
    Raises ValueError on another rank, an id out of range, padding before an id, another cell, or
    an odd width for two directions. Source: Cho et al. 2014.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 64,
        layers: int = 1,
        *,
        cell: Cell = "gru",
        bidirectional: bool = True,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=0)
        network = recurrent(cell, width, width, layers, bidirectional=bidirectional)
        self.add_module(cell, network)

    def forward(self, ids: Tensor | Padded) -> Tokens:
        ids, mask = (ids.filled(), ids.mask) if isinstance(ids, Padded) else (ids, ids != 0)
        check_ids(ids, self.embedding.num_embeddings)
        return read(getattr(self, self.cell), Tokens(self.embedding(ids), mask))

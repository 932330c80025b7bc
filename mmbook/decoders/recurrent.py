"""A recurrent decoder: what it has written is a state, and a memory is looked at."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mmbook.decoders.autoregressive import AutoregressiveDecoder, State
from mmbook.layers.attention import Keys, MultiHeadAttention
from mmbook.layers.recurrent import Cell, recurrent
from mmbook.tokens import Tokens


@dataclass(frozen=True, eq=False)
class RecurrentState(State):
    """hidden: one tensor, or an LSTM's two, (rows, layers, width) each; the memory's keys, mask."""

    hidden: tuple[Tensor, ...]
    memory: Keys | None = None
    mask: Tensor | None = None


class RecurrentDecoder(AutoregressiveDecoder[RecurrentState]):
    """A recurrent network that scores each token of the vocabulary as the next one.

    logits: (rows, length, vocabulary), at position t for token t + 1. They depend on the
    tokens up to t alone, and on the memory: with `cross`, each state looks at all of it with
    attention, and what is found is joined to the state. tied: the output layer has the
    weights of the embedding (Press and Wolf 2017). dropout: of embeddings and states in
    training. Sources: Mikolov et al. 2010; Luong et al. 2015, section 3.1, for `cross`.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        layers: int = 1,
        *,
        cell: Cell = "gru",
        cross: bool = False,
        heads: int = 1,
        tied: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(vocabulary, width, cross)
        self.embedding = nn.Embedding(vocabulary, width)
        # With PyTorch's standard deviation of 1, tied logits would start near ±√width.
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.network = recurrent(cell, width, width, layers)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width, vocabulary)
        if tied:
            self.output.weight = self.embedding.weight
        self.attention = MultiHeadAttention(width, heads) if cross else None
        self.join = nn.Linear(2 * width, width) if cross else None

    def start(self, memory: Tokens | None, rows: int) -> RecurrentState:
        read, network = self._checked(memory, rows), self.network
        zero = self.embedding.weight.new_zeros(rows, network.num_layers, network.hidden_size)
        hidden = (zero, zero) if network.mode == "LSTM" else (zero,)
        if read is None or self.attention is None:
            return RecurrentState(hidden)
        return RecurrentState(hidden, self.attention.keys(read.values), read.mask)

    def advance(self, ids: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        before = [part.transpose(0, 1).contiguous() for part in state.hidden]  # layers first
        x = self.dropout(self.embedding(ids))  # (rows, new, width)
        states, after = self.network(x, before[0] if len(before) == 1 else tuple(before))
        after = (after,) if isinstance(after, Tensor) else after
        if self.attention is not None and self.join is not None:
            found = self.attention(states, state.memory, state.mask)
            states = torch.tanh(self.join(torch.cat((states, found), dim=-1)))
        hidden = tuple(part.transpose(0, 1) for part in after)
        return self.dropout(states), RecurrentState(hidden, state.memory, state.mask)

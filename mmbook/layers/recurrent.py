"""Recurrent layers: the same weights read a sequence step by step."""

from collections.abc import Mapping
from typing import Literal

from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mmbook.tokens import Tokens

Cell = Literal["rnn", "gru", "lstm"]
CELLS: Mapping[str, type[nn.RNN | nn.GRU | nn.LSTM]] = {
    "rnn": nn.RNN,
    "gru": nn.GRU,
    "lstm": nn.LSTM,
}


def recurrent(
    cell: Cell, inputs: int, width: int, layers: int = 1, *, bidirectional: bool = False
) -> nn.RNNBase:
    """A stack of recurrent layers, (batch, length, inputs) to (batch, length, width).

    cell: "rnn" (tanh; Elman 1990), "gru" (Cho et al. 2014) or "lstm" (Hochreiter and Schmidhuber
    1997). width: of each state; with two directions, half for each (Schuster and Paliwal 1997).
    Raises ValueError on another cell, or an odd width for two directions.
    """
    if cell not in CELLS:
        raise ValueError(f"there is no cell {cell!r}; there are {', '.join(CELLS)}")
    if bidirectional and width % 2:
        raise ValueError(f"width must be even, half for each direction, not {width}")
    size = width // 2 if bidirectional else width
    return CELLS[cell](inputs, size, layers, batch_first=True, bidirectional=bidirectional)


def read(network: nn.RNNBase, tokens: Tokens) -> Tokens:
    """The states of a recurrent network, each sequence read as if it were alone.

    tokens: (batch, length, inputs), padded at the end with anything, even NaN; an absent sequence
    is all padding. Returns (batch, length, width) with the same mask, zero where padding is.
    Raises ValueError where padding stands before what is real.
    """
    mask = tokens.mask
    if mask.all():
        return Tokens(network(tokens.values)[0], mask)
    if (gaps := (mask[:, 1:] & ~mask[:, :-1]).any(dim=1)).any():
        row = int(gaps.int().argmax())
        raise ValueError(f"padding must come after what is real, but row {row} has it before")
    padding = ~mask.unsqueeze(-1)  # (batch, length, 1)
    values = tokens.values.masked_fill(padding, 0)
    if not network.bidirectional:  # what comes first is read first: padding changes nothing
        return Tokens(network(values)[0].masked_fill(padding, 0), mask)
    # A packed sequence cannot be empty: an absent one is read as one zero.
    lengths = mask.sum(dim=1).clamp(min=1).cpu()
    packed = pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
    states, _ = pad_packed_sequence(
        network(packed)[0], batch_first=True, total_length=mask.shape[1]
    )
    return Tokens(states.masked_fill(padding, 0), mask)


class RecurrentLayer(nn.Module):
    """Tokens become tokens that know what came before them, and with two directions what follows.

    (batch, length, inputs) to (batch, length, width) with the same mask; see `recurrent`, `read`.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        layers: int = 1,
        *,
        cell: Cell = "gru",
        bidirectional: bool = True,
    ) -> None:
        super().__init__()
        self.network = recurrent(cell, inputs, width, layers, bidirectional=bidirectional)

    def forward(self, tokens: Tokens) -> Tokens:
        return read(self.network, tokens)

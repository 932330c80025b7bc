"""Recurrent layers: the same weights read a sequence step by step."""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from mmbook.layers.checks import can_look
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
    Raises ValueError where padding stands before what is real (see `can_look`).
    To compile it: torch._dynamo.config.allow_rnn = True.
    """
    mask = tokens.mask
    if can_look(mask):
        if mask.all():
            return Tokens(network(tokens.values)[0], mask)
        if (gaps := (mask[:, 1:] & ~mask[:, :-1]).any(dim=1)).any():
            row = int(gaps.int().argmax())
            raise ValueError(f"padding must come after what is real, but row {row} has it before")
    real = mask.unsqueeze(-1)  # (batch, length, 1)
    values = tokens.values.masked_fill(~real, 0)
    # In one direction, what comes first is read first, and padding changes nothing.
    alone = both_directions(network, values, mask) if network.bidirectional else network(values)[0]
    return Tokens(alone * real, mask)  # states are numbers, so a product will do; it is faster


def both_directions(network: nn.RNNBase, values: Tensor, mask: Tensor) -> Tensor:
    """All layers, each forwards, and backwards over what is real: (batch, length, width)."""
    batch, length = mask.shape
    rows = torch.arange(batch, device=mask.device).unsqueeze(1)
    lengths, places = mask.sum(dim=1, keepdim=True), torch.arange(length, device=mask.device)
    turned = torch.where(places < lengths, lengths - 1 - places, places)  # (batch, length)
    # The networks want (length, batch, ...): turn and transpose in one go, there and back.
    there, back = (rows * length + turned).T.flatten(), (turned * batch + rows).flatten()
    for layer in range(network.num_layers):
        forwards = one_direction(network, layer, "", values.transpose(0, 1)).transpose(0, 1)
        reverse = values.flatten(0, 1).index_select(0, there).view(length, batch, -1)
        backwards = one_direction(network, layer, "_reverse", reverse)
        backwards = backwards.flatten(0, 1).index_select(0, back).view(batch, length, -1)
        values = torch.cat((forwards, backwards), dim=-1)
    return values


def one_direction(network: nn.RNNBase, layer: int, direction: str, values: Tensor) -> Tensor:
    """One layer's states in one direction: (length, batch, inputs) to (length, batch, width)."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    names = [f"{kind}_l{layer}{direction}" for kind in kinds]
    # Not get_parameter: torch.func.functional_call puts plain tensors in their place.
    weights: list[Tensor] = [getattr(network, name) for name in names]
    zero = values.new_zeros(1, values.shape[1], network.hidden_size)
    options = (True, 1, 0.0, network.training, False, False)  # biases, layers, dropout, ...
    if network.mode == "LSTM":
        return torch.lstm(values, (zero, zero), weights, *options)[0]
    run = torch.gru if network.mode == "GRU" else torch.rnn_tanh
    return run(values, zero, weights, *options)[0]


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

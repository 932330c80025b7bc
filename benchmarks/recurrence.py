"""The speed of recurrent layers."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from benchmarks.compare import compare
from mmbook.layers.recurrent import RecurrentLayer
from mmbook.tokens import Tokens

BATCH, LENGTH, WIDTH = 64, 40, 128


def whole() -> None:
    """Our layer over whole sequences, forward and backward, against nn.GRU."""
    values = torch.randn(BATCH, LENGTH, WIDTH)
    ours = RecurrentLayer(WIDTH, WIDTH)
    reference = nn.GRU(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)
    compare(
        "GRU over whole sequences, forward and backward / nn.GRU",
        lambda: ours(Tokens.of(values)).values.square().mean().backward(),
        lambda: reference(values)[0].square().mean().backward(),
    )


def padded() -> None:
    """Our layer over padded sequences, against nn.GRU with PyTorch's packing."""
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(1, LENGTH + 1, (BATCH,), generator=generator)
    lengths[0] = LENGTH
    mask = torch.arange(LENGTH) < lengths[:, None]
    values = torch.randn(BATCH, LENGTH, WIDTH)
    ours = RecurrentLayer(WIDTH, WIDTH)
    reference = nn.GRU(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)

    def packed() -> None:
        sequence = pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(reference(sequence)[0], batch_first=True)
        states.square().mean().backward()

    compare(
        "GRU over padded sequences, forward and backward / packed",
        lambda: ours(Tokens(values, mask)).values.square().mean().backward(),
        packed,
    )


BENCHMARKS = (whole, padded)

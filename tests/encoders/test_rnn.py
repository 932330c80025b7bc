"""The recurrent encoder: each sentence read as if it were alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.encoders import RecurrentEncoder
from mmbook.layers.recurrent import CELLS

SENTENCES = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=4)


def padded(sentences: list[list[int]], length: int) -> Tensor:
    return torch.tensor([s + [0] * (length - len(s)) for s in sentences])


@settings(max_examples=30, deadline=None)
@given(sentences=SENTENCES, extra=st.integers(1, 4), layers=st.integers(1, 2))
def test_padding_cannot_be_read(sentences: list[list[int]], extra: int, layers: int) -> None:
    encoder = RecurrentEncoder(10, width=6, layers=layers).double()
    length = max(map(len, sentences)) + extra
    tokens = encoder(padded(sentences, length))
    assert tokens.values.shape == (len(sentences), length, 6)
    for row, sentence in enumerate(sentences):
        assert tokens.mask[row].tolist() == [i < len(sentence) for i in range(length)]
        if sentence:
            alone = encoder.gru(encoder.embedding(torch.tensor([sentence])))[0][0]
            torch.testing.assert_close(tokens.values[row, : len(sentence)], alone)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_every_cell_reads_its_embeddings(cell: str, bidirectional: bool) -> None:
    encoder = RecurrentEncoder(10, width=6, cell=cell, bidirectional=bidirectional)
    network = getattr(encoder, cell)
    assert isinstance(network, CELLS[cell]) and network.bidirectional == bidirectional
    tokens = encoder(torch.tensor([[3, 4, 5], [6, 0, 0]]))
    alone = network(encoder.embedding(torch.tensor([[6]])))[0]
    torch.testing.assert_close(tokens.values[1, :1], alone[0])
    assert tokens.mask.tolist() == [[True] * 3, [True, False, False]]


def test_the_names_of_the_weights_are_those_that_were_saved() -> None:
    sides = ["", "_reverse"]
    kinds = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    expected = [f"gru.{kind}{side}" for side in sides for kind in kinds]
    assert list(RecurrentEncoder(10).state_dict()) == ["embedding.weight", *expected]


def test_both_directions_are_read() -> None:
    encoder = RecurrentEncoder(10, width=6).double()
    middle = encoder(torch.tensor([[1, 5, 2], [1, 5, 3], [4, 5, 2]])).values[:, 1]
    forward, backward = middle.split(3, dim=-1)
    same_start, same_end = (
        (forward[0] - forward[1]).abs().max(),
        (backward[0] - backward[2]).abs().max(),
    )
    new_start, new_end = (
        (forward[0] - forward[2]).abs().max(),
        (backward[0] - backward[1]).abs().max(),
    )
    assert max(same_start, same_end) < 1e-12 < 1e-4 < min(new_start, new_end)


def test_a_row_of_padding_is_an_absent_text() -> None:
    tokens = RecurrentEncoder(10, width=6)(torch.tensor([[0, 0, 0], [1, 2, 0]]))
    assert tokens.present().tolist() == [False, True]
    assert tokens.mean()[0].eq(0).all()


def test_gradients_reach_every_parameter_but_those_of_padding() -> None:
    torch.manual_seed(0)
    encoder = RecurrentEncoder(5, width=6, layers=2)
    encoder(torch.tensor([[1, 2, 3], [4, 0, 0]])).mean().square().sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), name
    rows = encoder.embedding.weight.grad
    assert rows is not None and rows.any(dim=1).tolist() == [False, True, True, True, True]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (torch.ones(2, 3), r"integers \(batch, length\), not \(2, 3\) torch.float32"),
        (torch.ones(3).long(), r"not \(3,\)"),
        (torch.ones(2, 3, 4).long(), r"not \(2, 3, 4\)"),
        (torch.tensor([[1, 10]]), r"\[0, 10\), not in \[1, 10\]"),
        (torch.tensor([[1, 2], [0, 3]]), "padding must come after what is real, but row 1"),
        (torch.tensor([[-1, 3]]), r"\[0, 10\), not in \[-1, 3\]"),
    ],
)
def test_other_ids_are_refused(ids: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RecurrentEncoder(10, width=6)(ids)


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="no cell 'attention'"):
        RecurrentEncoder(10, cell="attention")


def test_an_odd_width_is_refused() -> None:
    with pytest.raises(ValueError, match=r"width must be even.* not 5"):
        RecurrentEncoder(10, width=5)

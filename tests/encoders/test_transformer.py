"""The transformer encoder: ids or tokens in, order seen, padding not."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.encoders import MultiHeadAttention, TransformerBlock, TransformerEncoder
from mmbook.tokens import Tokens

SENTENCES = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=4)


@settings(max_examples=30)
@given(sentences=SENTENCES, extra=st.integers(1, 4), rotary=st.booleans())
def test_padding_cannot_be_read(sentences: list[list[int]], extra: int, rotary: bool) -> None:
    torch.manual_seed(0)
    encoder = TransformerEncoder(10, 8, 2, rotary=rotary).double()
    length = max(map(len, sentences)) + extra
    ids = torch.tensor([s + [0] * (length - len(s)) for s in sentences])
    encoder.embedding.weight.data[0] = torch.nan  # nobody may look
    tokens = encoder(ids)
    assert tokens.values.shape == (len(sentences), length, 8) and tokens.mask.equal(ids != 0)
    assert tokens.present().tolist() == [bool(s) for s in sentences]
    for row, sentence in enumerate(sentences):
        if sentence:
            alone = encoder(torch.tensor([sentence])).values[0]
            torch.testing.assert_close(tokens.values[row, : len(sentence)], alone)


@pytest.mark.parametrize("rotary", [False, True])
def test_order_is_read(rotary: bool) -> None:
    torch.manual_seed(0)
    encoder = TransformerEncoder(5, 8, 2, rotary=rotary)
    dog, man = encoder(torch.tensor([[1, 2, 3], [3, 2, 1]])).mean()
    assert (dog - man).abs().max() > 1e-3


def test_tokens_are_ids_that_were_embedded() -> None:
    encoder = TransformerEncoder(10, 8, 2)
    ids = torch.tensor([[4, 7, 0], [1, 0, 0]])
    embedded = Tokens(encoder.embedding.weight[ids], ids != 0)
    from_ids, from_tokens = encoder(ids), encoder(embedded)
    assert from_ids.values.equal(from_tokens.values) and from_ids.mask.equal(from_tokens.mask)
    assert TransformerEncoder(None, 8, 2)(Tokens.of(torch.randn(2, 3, 8))).values.shape == (2, 3, 8)


def test_gradients_reach_every_parameter_but_those_of_padding() -> None:
    torch.manual_seed(0)
    encoder = TransformerEncoder(5, 8, 2)
    encoder(torch.tensor([[1, 2, 3], [4, 0, 0]])).mean().pow(3).sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), name
    rows = encoder.embedding.weight.grad
    assert rows is not None and rows.any(dim=1).tolist() == [False, True, True, True, True]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (torch.ones(2, 3), r"integers \(batch, length\), not \(2, 3\) torch.float32"),
        (torch.ones(3).long(), r"not \(3,\)"),
        (torch.tensor([[1, 10]]), r"\[0, 10\), not in \[1, 10\]"),
        (torch.tensor([[-1, 3]]), r"\[0, 10\), not in \[-1, 3\]"),
        (Tokens.of(torch.zeros(1, 2, 6)), "a width of 8, not 6"),
    ],
)
def test_other_inputs_are_refused(inputs: Tensor | Tokens, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TransformerEncoder(10, 8, 2)(inputs)


def test_ids_need_a_vocabulary_and_heads_an_equal_share() -> None:
    with pytest.raises(ValueError, match="without a vocabulary"):
        TransformerEncoder(None, 8, 2)(torch.tensor([[1]]))
    with pytest.raises(ValueError, match="3 heads cannot share a width of 8"):
        TransformerEncoder(10, 8, 3)


def test_the_room_offers_the_layers_too() -> None:
    assert MultiHeadAttention.__module__ == "mmbook.layers.attention"
    assert TransformerBlock.__module__ == "mmbook.layers.transformer"

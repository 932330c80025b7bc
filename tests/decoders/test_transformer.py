"""The transformer language model: no look ahead, a fair start, and sentences that end."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.decoders import TransformerLanguageModel
from mmbook.preprocessing.text.vocabulary import BEGIN, END


def model(**options) -> TransformerLanguageModel:
    torch.manual_seed(0)
    return TransformerLanguageModel(9, width=8, heads=2, **options).eval()


@settings(max_examples=25)
@given(sentence=st.lists(st.integers(1, 8), min_size=1, max_size=6), padding=st.integers(0, 4))
def test_logits_depend_on_what_came_before_alone(sentence: list[int], padding: int) -> None:
    network = model().double()
    alone = network(torch.tensor([sentence]))
    assert alone.shape == (1, len(sentence), 9)
    longer = network(torch.tensor([sentence + [0] * padding]))
    torch.testing.assert_close(longer[:, : len(sentence)], alone)
    for end in range(1, len(sentence)):
        torch.testing.assert_close(network(torch.tensor([sentence[:end]])), alone[:, :end])


def test_order_is_read() -> None:
    network = model()
    first, second = network(torch.tensor([[2, 4, 5, 6], [2, 5, 4, 6]]))[:, -1]
    assert (first - second).abs().max() > 1e-3


def test_ties() -> None:
    tied, free = model(), model(tied=False)
    assert tied.output.weight is tied.embedding.weight
    sizes = [sum(p.numel() for p in network.parameters()) for network in (tied, free)]
    assert sizes[1] - sizes[0] == 9 * 8


@pytest.mark.parametrize("width", [16, 256])
def test_at_the_start_every_token_is_about_as_likely(width: int) -> None:
    torch.manual_seed(0)
    network = TransformerLanguageModel(500, width)
    ids = torch.randint(4, 500, (8, 20))
    loss = torch.nn.functional.cross_entropy(
        network(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()
    )
    assert abs(loss.item() - math.log(500)) < 0.7


def test_samples_are_drawn_from_the_model() -> None:
    network = model()
    generator = torch.Generator().manual_seed(0)
    written = network.sample(4000, 2, generator)
    assert written.shape == (4000, 2)
    logits = network(torch.tensor([[BEGIN]]))[0, 0]
    logits[[0, BEGIN]] = -torch.inf
    counted = written[:, 0].bincount(minlength=9) / 4000
    assert (counted - logits.softmax(0)).abs().max() < 0.03
    assert not (written == BEGIN).any()
    after = written[written[:, 0] == END][:, 1]
    assert len(after) > 10 and after.eq(0).all()
    assert not written[written[:, 0] != END].eq(0).any()


def test_low_temperature_writes_the_most_probable() -> None:
    network = model()
    written = network.sample(2, 4, torch.Generator().manual_seed(0), temperature=1e-4)
    logits = network(torch.tensor([[BEGIN]]))[0, 0]
    logits[[0, BEGIN]] = -torch.inf
    assert written[0].equal(written[1]) and written[0, 0] == logits.argmax()


def test_gradients_reach_every_parameter() -> None:
    network = model(dropout=0.1).train()
    network(torch.tensor([[2, 4, 5], [2, 6, 0]])).logsumexp(-1).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())

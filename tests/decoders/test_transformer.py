"""The transformer decoder: no look ahead, a fair start, tied weights."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.decoders import TransformerDecoder


def model(**options) -> TransformerDecoder:
    torch.manual_seed(0)
    return TransformerDecoder(9, width=8, heads=2, **options).eval()


@settings(max_examples=25)
@given(sentence=st.lists(st.integers(1, 8), min_size=1, max_size=6), padding=st.integers(0, 4))
def test_logits_depend_on_what_came_before_alone(sentence: list[int], padding: int) -> None:
    network = model().double()
    alone = network(None, torch.tensor([sentence]))
    assert alone.shape == (1, len(sentence), 9)
    longer = network(None, torch.tensor([sentence + [0] * padding]))
    torch.testing.assert_close(longer[:, : len(sentence)], alone)
    for end in range(1, len(sentence)):
        torch.testing.assert_close(network(None, torch.tensor([sentence[:end]])), alone[:, :end])


def test_the_first_weights_of_a_seed_are_what_they_were() -> None:
    # Computed when one matrix made queries, keys and values: old results stay what they are.
    torch.manual_seed(0)
    logits = TransformerDecoder(9, 8, 2, 2)(None, torch.tensor([[2, 4, 5]]))[0, 1:, :4]
    once = [
        [-0.4976696670, -0.7239513397, 0.7501693368, 0.0767540336],
        [-0.6736190319, -1.2715655565, 1.1196087599, 0.0906223431],
    ]
    torch.testing.assert_close(logits, torch.tensor(once), atol=1e-6, rtol=0)


def test_order_is_read() -> None:
    network = model()
    first, second = network(None, torch.tensor([[2, 4, 5, 6], [2, 5, 4, 6]]))[:, -1]
    assert (first - second).abs().max() > 1e-3


def test_ties() -> None:
    tied, free = model(), model(tied=False)
    assert tied.output.weight is tied.embedding.weight
    sizes = [sum(p.numel() for p in network.parameters()) for network in (tied, free)]
    assert sizes[1] - sizes[0] == 9 * 8


@pytest.mark.parametrize("width", [16, 256])
def test_at_the_start_every_token_is_about_as_likely(width: int) -> None:
    torch.manual_seed(0)
    network = TransformerDecoder(500, width)
    ids = torch.randint(4, 500, (8, 20))
    loss = torch.nn.functional.cross_entropy(
        network(None, ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()
    )
    assert abs(loss.item() - math.log(500)) < 0.7


def test_gradients_reach_every_parameter() -> None:
    network = model(dropout=0.1).train()
    network(None, torch.tensor([[2, 4, 5], [2, 6, 0]])).logsumexp(-1).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())

"""What a step costs by formula is what is counted while it runs."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.checkpoint import checkpoint

from mmbook.decoders import TransformerDecoder
from mmbook.evaluation.cost import TransformerCost, counted_flops, saved_bytes, state_bytes

SIZES = st.builds(
    TransformerCost,
    vocabulary=st.integers(2, 60),
    width=st.sampled_from([8, 16, 24]),
    heads=st.sampled_from([1, 2, 4]),
    layers=st.integers(1, 3),
    batch=st.integers(1, 3),
    length=st.integers(2, 12),
)


def step(cost: TransformerCost):
    """A decoder of these sizes, what it reads, what follows, and the loss of it as a function."""
    torch.manual_seed(0)
    model = TransformerDecoder(cost.vocabulary, cost.width, cost.heads, cost.layers).train()
    ids = torch.randint(cost.vocabulary, (cost.batch, cost.length))
    follows = torch.randint(cost.vocabulary, (cost.batch * cost.length,))

    def loss():
        return F.cross_entropy(model(None, ids).flatten(0, 1), follows)

    return model, ids, follows, loss


@settings(deadline=None, max_examples=15)
@given(cost=SIZES)
def test_activations_are_those_that_autograd_keeps(cost: TransformerCost) -> None:
    model, ids, follows, loss = step(cost)
    counted = saved_bytes(loss, model, ids, follows)
    assert counted == cost.activation_bytes + 4  # the sum of the targets' weights, one number


@settings(deadline=None, max_examples=15)
@given(cost=SIZES)
def test_operations_are_those_that_pytorch_counts(cost: TransformerCost) -> None:
    *_, loss = step(cost)
    assert counted_flops(lambda: loss().backward()) == cost.flops


def test_state_is_weights_gradients_and_two_means_of_adam() -> None:
    cost = TransformerCost(11, 16, 2, 2, 3, 5)
    model, *_, loss = step(cost)
    optimiser = torch.optim.AdamW(model.parameters())
    assert state_bytes(model, optimiser) == {
        "weights": 4 * cost.parameters,
        "gradients": 0,
        "optimiser": 0,
    }
    loss().backward()
    optimiser.step()
    found = state_bytes(model, optimiser)
    assert found["optimiser"] == 8 * cost.parameters and sum(found.values()) == cost.state_bytes


def test_a_storage_counts_once_and_what_is_known_not_at_all() -> None:
    layer, x = nn.Linear(4, 3), torch.ones(5, 4, requires_grad=True)
    assert saved_bytes(lambda: layer(x), layer, x) == 0
    assert saved_bytes(lambda: layer(x), layer) == 4 * 20
    assert saved_bytes(lambda: [layer(x), layer(x[:2])], layer) == 4 * 20
    assert saved_bytes(lambda: layer(x).exp(), layer, x) == 4 * 15
    assert saved_bytes(lambda: layer(x.detach()).detach(), layer, x) == 0


def test_checkpointing_keeps_the_input_of_a_part_and_computes_it_twice() -> None:
    part, x = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 8)), torch.rand(6, 8)
    x.requires_grad_()
    whole = saved_bytes(lambda: part(x.exp()), part, x)
    less = saved_bytes(lambda: checkpoint(part, x.exp(), use_reentrant=False), part, x)
    assert whole == 4 * 6 * (8 + 32 + 32) and less == 4 * 6 * 8
    once = counted_flops(lambda: part(x).sum().backward())
    twice = counted_flops(lambda: checkpoint(part, x, use_reentrant=False).sum().backward())
    assert once == 3 * 2 * 6 * 2 * 8 * 32 and twice - once == 2 * 6 * 8 * 32  # not the last layer


@pytest.mark.parametrize("wrong", [{"layers": 0}, {"batch": 1.5}, {"heads": 3}])
def test_sizes_are_checked(wrong: dict[str, float]) -> None:
    sizes = {"vocabulary": 9, "width": 8, "heads": 2, "layers": 1, "batch": 1, "length": 4}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TransformerCost(**(sizes | wrong))

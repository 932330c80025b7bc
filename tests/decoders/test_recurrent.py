"""The recurrent decoder: the future is hidden, weights are tied, dropout is for training."""

import pytest
import torch

from mmbook.decoders import RecurrentDecoder
from mmbook.layers.recurrent import CELLS
from mmbook.tokens import Tokens


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_no_logit_depends_on_a_later_token(cell: str, layers: int) -> None:
    torch.manual_seed(0)
    model = RecurrentDecoder(10, 6, layers, cell=cell)
    ids = torch.tensor([[2, 4, 5, 6, 7]])
    for place in range(1, 5):
        other = ids.clone()
        other[0, place] = 9
        before, after = (
            (model(None, ids) - model(None, other)).abs().sum(-1)[0].split([place, 5 - place])
        )
        assert (before == 0).all() and (after > 0).all()


def test_the_first_weights_of_a_seed_are_what_they_were() -> None:
    torch.manual_seed(0)
    logits = RecurrentDecoder(9, 8, 2)(None, torch.tensor([[2, 4, 5]]))[0, 2, :4]
    once = [-0.1889880598, 0.2412391603, -0.3068631291, -0.3603503704]
    torch.testing.assert_close(logits, torch.tensor(once), atol=1e-6, rtol=0)


def test_tied_weights_are_one_matrix() -> None:
    tied, untied = (RecurrentDecoder(50, 8, tied=tied) for tied in (True, False))
    counts = [sum(p.numel() for p in model.parameters()) for model in (tied, untied)]
    assert counts[1] - counts[0] == 50 * 8
    gru = 3 * (8 * 8 + 8 * 8 + 8 + 8)
    assert counts[0] == 50 * 8 + gru + 50
    tied(None, torch.tensor([[2, 4]])).sum().backward()
    assert tied.embedding.weight.grad[30].any(), "the output layer reaches words that were not read"


@pytest.mark.parametrize("cell", CELLS)
def test_a_memory_is_looked_at_from_each_state(cell: str) -> None:
    torch.manual_seed(0)
    model = RecurrentDecoder(9, 8, 2, cell=cell, cross=True, heads=2, tied=False).double()
    memory, ids = torch.randn(2, 3, 8).double(), torch.tensor([[2, 4, 5], [2, 6, 1]])
    states = model.network(model.embedding(ids))[0]
    assert model.attention is not None and model.join is not None
    found = model.attention(states, memory)
    joined = torch.tanh(model.join(torch.cat([states, found], dim=-1)))
    torch.testing.assert_close(model(Tokens.of(memory), ids), model.output(joined))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_attention_is_a_loop_over_words_and_tokens(cell: str) -> None:
    torch.manual_seed(0)
    model = RecurrentDecoder(9, 4, cell=cell, cross=True).double()
    memory, ids = torch.randn(1, 3, 4).double(), torch.tensor([[2, 4, 5]])
    look, join = model.attention, model.join
    assert look is not None and join is not None
    state = model.start(Tokens.of(memory), 1)
    hidden = None
    for place, word in enumerate(ids[0]):
        states, hidden = model.network(model.embedding(word[None, None]), hidden)
        now = states[0, 0]
        weights = [torch.exp(look.query(now) @ look.key(token) / 2) for token in memory[0]]
        found = torch.zeros(4).double()
        for weight, token in zip(weights, memory[0], strict=True):
            found += weight / sum(weights) * look.value(token)
        known = torch.tanh(join(torch.cat([now, look.output(found)])))
        logits, state = model.step(ids[:, place : place + 1], state)
        torch.testing.assert_close(logits[0, 0], model.output(known))


def test_dropout_is_for_training_only() -> None:
    torch.manual_seed(0)
    model = RecurrentDecoder(9, 8, dropout=0.5)
    ids = torch.tensor([[2, 4, 5]])
    assert not torch.equal(model(None, ids), model(None, ids))
    model.eval()
    assert torch.equal(model(None, ids), model(None, ids))

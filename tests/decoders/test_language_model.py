"""The recurrent language model: the future is hidden, sampling follows the probabilities."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from mmbook.decoders import RecurrentLanguageModel, next_token_loss
from mmbook.layers.recurrent import CELLS


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_no_logit_depends_on_a_later_token(cell: str, layers: int) -> None:
    torch.manual_seed(0)
    model = RecurrentLanguageModel(10, 6, layers, cell=cell)
    ids = torch.tensor([[2, 4, 5, 6, 7]])
    for place in range(1, 5):
        other = ids.clone()
        other[0, place] = 9
        before, after = (model(ids) - model(other)).abs().sum(-1)[0].split([place, 5 - place])
        assert (before == 0).all() and (after > 0).all()


def test_tied_weights_are_one_matrix() -> None:
    tied, untied = (RecurrentLanguageModel(50, 8, tied=tied) for tied in (True, False))
    counts = [sum(p.numel() for p in model.parameters()) for model in (tied, untied)]
    assert counts[1] - counts[0] == 50 * 8
    gru = 3 * (8 * 8 + 8 * 8 + 8 + 8)
    assert counts[0] == 50 * 8 + gru + 50
    tied(torch.tensor([[2, 4]])).sum().backward()
    assert tied.embedding.weight.grad[30].any(), "the output layer reaches words that were not read"


def test_the_loss_is_the_mean_over_real_tokens() -> None:
    targets = torch.tensor([[4, 5, 3], [6, 3, 0]])
    logits = torch.randn(5, 7)
    expected = cross_entropy(logits, torch.tensor([4, 5, 3, 6, 3]))
    assert torch.equal(next_token_loss(logits, targets).mean(), expected)


def test_samples_follow_the_probabilities_and_end() -> None:
    torch.manual_seed(0)
    model = RecurrentLanguageModel(6, 4)
    with torch.no_grad():
        model.output.bias[:] = torch.tensor([9.0, -9.0, 9.0, 1.0, 1.0, -9.0])
    ids = model.sample(4000, 5, torch.Generator().manual_seed(0))
    assert ids.shape == (4000, 5)
    assert set(ids.flatten().tolist()) <= {0, 3, 4}, "padding and BEGIN are never drawn"
    logits = model(torch.tensor([[2]]))[0, 0]
    expected = logits[[3, 4]].softmax(0)[0]
    assert abs((ids[:, 0] == 3).double().mean() - expected) < 0.03
    for row in ids[:50].tolist():
        length = row.index(3) + 1 if 3 in row else 5
        assert 0 not in row[:length] and not any(row[length:])


def test_a_state_that_is_carried_is_a_sentence_that_is_read_again() -> None:
    torch.manual_seed(0)
    model = RecurrentLanguageModel(9, 8, 2, cell="lstm")
    ids = model.sample(3, 6, torch.Generator().manual_seed(1), temperature=1e-4)
    read = torch.cat([torch.full((3, 1), 2), ids], dim=1)
    logits = model(read[:, :-1])
    logits[:, :, [0, 2]] = -torch.inf
    for found, expected in zip(ids, logits.argmax(-1), strict=True):
        real = found != 0
        assert torch.equal(found[real], expected[real])


def test_dropout_is_for_training_only() -> None:
    torch.manual_seed(0)
    model = RecurrentLanguageModel(9, 8, dropout=0.5)
    ids = torch.tensor([[2, 4, 5]])
    assert not torch.equal(model(ids), model(ids))
    model.eval()
    assert torch.equal(model(ids), model(ids))

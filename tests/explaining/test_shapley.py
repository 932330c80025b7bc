"""Shapley values against the definition by orders, and the properties that define them."""

from itertools import permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.datasets.digits.bank import TOKENIZER
from mmbook.explaining import LogProbabilities, sense_values, sense_worths, shapley_values
from mmbook.models import recogniser
from tests.explaining.networks import Witnesses


def by_orders(worths: torch.Tensor, players: int) -> torch.Tensor:
    """The mean over all orders in which players may come of what each adds when it comes."""
    total, orders = torch.zeros(players, *worths.shape[1:]).to(worths), 0
    for order in permutations(range(players)):
        there, orders = 0, orders + 1
        for player in order:
            total[player] += worths[there | 1 << player] - worths[there]
            there |= 1 << player
    return total / orders


@given(players=st.integers(1, 5), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_they_are_means_over_orders_and_sum_to_all(players, seed):
    generator = torch.Generator().manual_seed(seed)
    worths = torch.randn(2**players, 3, generator=generator).double()
    found = shapley_values(worths)
    torch.testing.assert_close(found, by_orders(worths, players))
    torch.testing.assert_close(found.sum(0), worths[-1] - worths[0], atol=1e-12, rtol=0)


def test_equal_players_share_and_one_who_adds_nothing_gets_nothing():
    either = torch.tensor([0.0, 1, 1, 1, 0, 1, 1, 1]).double()  # the third adds nothing
    assert shapley_values(either).tolist() == pytest.approx([0.5, 0.5, 0])
    glove = torch.tensor([0.0, 0, 0, 1, 0, 1, 0, 1]).double()  # the first with any of two others
    assert shapley_values(glove).tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_worths_that_are_none_are_refused():
    for worths in (torch.zeros(3), torch.zeros(1), torch.zeros(()), torch.zeros(0)):
        with pytest.raises(ValueError, match="worths must be \\(2ᴹ"):
            shapley_values(worths)
    with pytest.raises(ValueError, match="finite floating-point"):
        shapley_values(torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="finite floating-point"):
        shapley_values(torch.tensor([0, float("nan")]))


def test_coalitions_are_those_that_masks_show():
    model = Witnesses(lambda x: (x["a"] + 10 * x["b"] + 100 * x["c"] * x["a"]).double())
    inputs = {name: torch.tensor([1.0, 2.0]) for name in "abc"}
    worths = sense_worths(model, inputs, 0)
    assert worths[:, 0].tolist() == [0, 1, 10, 11, 0, 101, 10, 111]
    values = sense_values(model, inputs, 0)
    expected = {"a": [51.0, 202.0], "b": [10.0, 20.0], "c": [50.0, 200.0]}
    assert list(values) == list(expected)
    for name, value in values.items():
        assert value.tolist() == pytest.approx(expected[name])
    assert sense_worths(model, inputs, torch.tensor([0, 1]))[:, 1].abs().sum() == 0


def test_they_sum_to_the_answer_of_a_real_network():
    torch.manual_seed(0)
    model = recogniser(("image", "audio", "text"), len(TOKENIZER), width=16, dropout=0.5).train()
    inputs = {
        "image": torch.rand(4, 1, 28, 28),
        "audio": torch.randn(4, 32, 40),
        "text": torch.randint(2, 20, (4, 6)),
    }
    target = torch.tensor([0, 3, 9, 9])
    scored = LogProbabilities(model)
    values = sense_values(scored, inputs, target)
    assert model.training and list(values) == list(inputs)
    model.eval()
    nobody = {m: torch.zeros(4, dtype=torch.bool) for m in inputs}
    with torch.no_grad():
        fall = (scored(inputs) - scored(inputs, present=nobody)).gather(1, target[:, None])[:, 0]
    total = torch.stack(list(values.values())).sum(0)
    torch.testing.assert_close(total, fall.double(), atol=1e-6, rtol=0)
    silent = sense_worths(scored, {"image": inputs["image"]}, target)
    noise = sense_worths(scored, {**inputs, "image": inputs["image"]}, target)
    torch.testing.assert_close(silent[1], noise[1])  # hidden is as absent


def test_senses_that_do_not_fit_are_refused():
    model = Witnesses(lambda x: sum(x.values()))
    with pytest.raises(ValueError, match="1 to 12 senses"):
        sense_worths(model, {}, 0)
    with pytest.raises(ValueError, match="one number of samples"):
        sense_worths(model, {"a": torch.ones(2), "b": torch.ones(3)}, 0)
    with pytest.raises(ValueError, match="in \\[0, 2\\)"):
        sense_worths(model, {"a": torch.ones(2)}, 5)

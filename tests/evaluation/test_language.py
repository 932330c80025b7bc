"""Perplexity, mixtures, and the probabilities that a model gives to what came."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mmbook.batch import Batch, Padded
from mmbook.evaluation import best_weight, mix, perplexity, token_log_probabilities
from mmbook.losses import IGNORED

LOGS = st.lists(st.floats(-20, 0), min_size=1, max_size=8)


@given(choices=st.integers(1, 1000), tokens=st.integers(1, 20))
def test_a_fair_die_has_as_much_perplexity_as_sides(choices: int, tokens: int) -> None:
    logs = torch.full((tokens,), -math.log(choices), dtype=torch.float64)
    assert perplexity(logs) == pytest.approx(choices)


@pytest.mark.parametrize("logs", [[], [0.1], [math.nan]])
def test_what_is_no_log_probability_is_refused(logs: list[float]) -> None:
    with pytest.raises(ValueError, match="numbers of at most 0"):
        perplexity(torch.tensor(logs))


@given(logs=LOGS, weight=st.floats(0, 1))
def test_a_mixture_is_the_weighted_mean_of_probabilities(logs: list[float], weight: float) -> None:
    ours = torch.tensor(logs, dtype=torch.float64)
    theirs = ours.flip(0)
    expected = weight * ours.exp() + (1 - weight) * theirs.exp()
    torch.testing.assert_close(mix(ours, theirs, weight).exp(), expected, rtol=1e-9, atol=1e-15)


def test_the_best_weight_is_that_of_the_better_model_or_between() -> None:
    good, bad = torch.tensor([-1.0, -1.0]), torch.tensor([-3.0, -3.0])
    assert best_weight(good, bad) == 1 and best_weight(bad, good) == 0
    one, other = torch.tensor([-0.1, -5.0]), torch.tensor([-5.0, -0.1])
    assert best_weight(one, other) == 0.5
    assert perplexity(mix(one, other, 0.5)) < min(perplexity(one), perplexity(other))


class Fixed(nn.Module):
    """Logits that depend on the token alone."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(5, 5)
        self.drop = nn.Dropout(0.5)

    def forward(self, inputs):
        return self.drop(self.table(inputs["text"].filled(0)))


@pytest.mark.parametrize("batch_size", [1, 2, 9])
def test_each_target_that_counts_has_its_probability(batch_size: int) -> None:
    torch.manual_seed(0)
    model = Fixed().train()
    text = Padded(torch.tensor([[1, 2, 1], [3, 0, 0], [4, 4, 0]]), torch.tensor([3, 1, 2]))
    targets = torch.tensor([[2, 3, -100], [4, -100, -100], [-100, 1, -100]])
    found = token_log_probabilities(model, Batch({"text": text}, {"next": targets}), batch_size)
    table = model.table.weight.detach().log_softmax(-1)
    expected = torch.stack([table[a, b] for a, b in [(1, 2), (2, 3), (3, 4), (4, 1)]]).double()
    torch.testing.assert_close(found, expected)
    assert model.training and found.dtype == torch.float64


@pytest.mark.parametrize("logs", [[-800.0], [-1e300], [-math.inf, -1.0]])
def test_perplexity_beyond_every_float_is_infinite(logs: list[float]) -> None:
    assert perplexity(torch.tensor(logs, dtype=torch.float64)) == math.inf


@pytest.mark.parametrize("dtype", [torch.int8, torch.int64, torch.float16, torch.bfloat16])
def test_log_probabilities_of_a_narrow_type_are_averaged_exactly(dtype: torch.dtype) -> None:
    assert perplexity(torch.full((5000,), -2).to(dtype)) == pytest.approx(math.exp(2))


@pytest.mark.parametrize("dtype", [torch.bool, torch.complex64])
def test_what_is_no_number_has_no_perplexity(dtype: torch.dtype) -> None:
    with pytest.raises(ValueError, match="must be numbers"):
        perplexity(torch.zeros(2, dtype=dtype))


def test_a_mixture_of_a_wrong_weight_or_of_other_tokens_is_refused() -> None:
    for weight in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="weight from 0 to 1"):
            mix(torch.zeros(2), torch.zeros(2), weight)
    with pytest.raises(ValueError, match="same tokens"):
        mix(torch.zeros(2), torch.zeros(3), 0.5)
    with pytest.raises(ValueError, match="steps must be 1 or more"):
        best_weight(torch.zeros(2), torch.zeros(2), steps=0)


@pytest.mark.parametrize("dtype", [torch.int8, torch.int16, torch.int32, torch.float32])
def test_targets_of_every_type_are_read(dtype: torch.dtype) -> None:
    class Uniform(nn.Module):
        def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
            return torch.zeros(*inputs["text"].shape, 8)

    ids = torch.tensor([[4, 5, IGNORED], [6, IGNORED, IGNORED]])
    samples = Batch({"text": torch.zeros(2, 3)}, {"next": ids.to(dtype)})
    found = token_log_probabilities(Uniform(), samples)
    assert found.tolist() == pytest.approx([-math.log(8)] * 3)


def test_the_token_156_of_uint8_counts() -> None:
    class Uniform(nn.Module):
        def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
            return torch.zeros(*inputs["text"].shape, 200)

    samples = Batch({"text": torch.zeros(1, 2)}, {"next": torch.tensor([[156, 3]]).to(torch.uint8)})
    assert len(token_log_probabilities(Uniform(), samples)) == 2

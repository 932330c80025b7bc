"""What is gathered over frames: at once, in parts, and by its definition."""

from functools import reduce
from operator import add

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from mmbook.models.inspection.gathering import (
    AttentionPooling,
    Energies,
    Gathered,
    Gathering,
    Moments,
)
from mmbook.tokens import Tokens


def numbers(gathered: Gathered) -> tuple[Tensor, ...]:
    return gathered.pooled.mean(), gathered.moments.both(), gathered.energies.snr()


@given(st.lists(st.integers(1, 20), min_size=1, max_size=4), st.integers(0, 100))
def test_parts_that_are_added_give_the_whole(lengths: list[int], seed: int) -> None:
    torch.manual_seed(seed)
    gathering = Gathering(6, heads=4, features=5)
    values, power = 30 * torch.randn(2, sum(lengths), 6), torch.rand(2, sum(lengths))
    pairs = zip(values.split(lengths, dim=1), power.split(lengths, dim=1), strict=True)
    parts = reduce(add, [gathering(Tokens.of(v), p) for v, p in pairs])
    whole = gathering(Tokens.of(values), power)
    for one, other in zip(numbers(parts), numbers(whole), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_what_is_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    gathering, values, power = Gathering(6, 4, 5), torch.randn(2, 9, 6), torch.rand(2, 9)
    mask = torch.arange(9) < torch.tensor([[9], [4]])
    padded = values.masked_fill(~mask[..., None], 1e3), power.masked_fill(~mask, 1e3)
    found = numbers(gathering(Tokens(padded[0], mask), padded[1]))
    alone = numbers(gathering(Tokens.of(values[1:, :4]), power[1:, :4]))
    for one, other in zip(found, alone, strict=True):
        torch.testing.assert_close(one[1:], other)


def test_pooling_is_a_mean_with_the_weights_of_a_softmax() -> None:
    torch.manual_seed(0)
    pooling, values = AttentionPooling(6, 3), torch.randn(2, 7, 6)
    weights = (values @ pooling.score.weight.T + pooling.score.bias).softmax(dim=1)
    wanted = torch.einsum("nth,ntw->nhw", weights, values)
    torch.testing.assert_close(pooling(Tokens.of(values)), wanted)


def test_moments_are_those_of_torch() -> None:
    torch.manual_seed(0)
    values = 3 + torch.randn(2, 50, 4)
    found = Moments.of(values, torch.ones(2, 50, dtype=torch.bool)).both()
    variance = values.var(dim=1, unbiased=False)
    wanted = torch.cat([values.mean(dim=1), (variance + 1e-4).sqrt()], dim=1)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("snr", [-10.0, 0.0, 7.5, 30.0])
def test_an_snr_is_the_ratio_of_the_energies(snr: float) -> None:
    """Speech in half of the frames, and noise of one level in all of them."""
    speech = torch.tensor([[4.0, 0.0] * 50])
    noise = torch.full_like(speech, 2 / 10 ** (snr / 10))
    share = (noise / speech).log()  # the logit of noise / (speech + noise)
    share = share.clamp(max=30)  # where there is no speech
    energies = Energies.of(speech + noise, share, torch.ones(1, 100, dtype=torch.bool))
    torch.testing.assert_close(energies.snr(), torch.tensor([snr]), atol=1e-3, rtol=0)


def test_silence_has_a_finite_snr_with_a_gradient() -> None:
    share = torch.zeros(1, 10, requires_grad=True)
    snr = Energies.of(torch.zeros(1, 10), share, torch.ones(1, 10, dtype=torch.bool)).snr()
    snr.sum().backward()
    assert snr.item() == pytest.approx(0.0, abs=1e-4)
    assert share.grad is not None and share.grad.isfinite().all()

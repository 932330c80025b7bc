"""Tokens: shapes, errors, and a mean that padding cannot touch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmbook.tokens import Tokens

SIZES = st.integers(1, 6)


@settings(max_examples=30, deadline=None)
@given(batch=SIZES, length=SIZES, width=SIZES, seed=st.integers(0, 99))
def test_mean_is_that_of_the_real_tokens(batch: int, length: int, width: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(batch, length, width, generator=generator)
    mask = torch.rand(batch, length, generator=generator) < 0.5
    tokens = Tokens(values.masked_fill(~mask.unsqueeze(-1), torch.nan), mask)

    mean, present = tokens.mean(), tokens.present()
    assert mean.shape == (batch, width)
    assert tokens.width == width
    for row in range(batch):
        real = values[row, mask[row]]
        assert present[row] == (len(real) > 0)
        expected = real.mean(0) if len(real) else torch.zeros(width)
        torch.testing.assert_close(mean[row], expected)


def test_padding_gets_no_gradient_and_gives_none() -> None:
    values = torch.tensor([[[1.0], [2.0], [torch.nan]]], requires_grad=True)
    Tokens(values, torch.tensor([[True, True, False]])).mean().sum().backward()
    torch.testing.assert_close(values.grad, torch.tensor([[[0.5], [0.5], [0.0]]]))


def test_of_makes_every_token_real() -> None:
    tokens = Tokens.of(torch.randn(2, 3, 4))
    assert tokens.mask.shape == (2, 3)
    assert tokens.mask.all() and tokens.present().all()


def test_absent_holds_nothing_real() -> None:
    tokens = Tokens.absent(3, 5, like=torch.ones(1, dtype=torch.float64))
    assert tokens.values.shape == (3, 1, 5)
    assert tokens.values.dtype == torch.float64
    assert not tokens.present().any()
    assert tokens.mean().eq(0).all()


@pytest.mark.parametrize(
    ("values", "mask", "message"),
    [
        (torch.zeros(2, 3), torch.ones(2, 3).bool(), r"\(batch, length, width\).*\(2, 3\)"),
        (torch.zeros(2, 3, 4).long(), torch.ones(2, 3).bool(), "floating point.*int64"),
        (torch.zeros(2, 3, 4), torch.ones(2, 4).bool(), r"shape \(2, 3\), not .*\(2, 4\)"),
        (torch.zeros(2, 3, 4), torch.ones(2, 3), "boolean.*float32"),
    ],
)
def test_what_does_not_fit_is_refused(values: Tensor, mask: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tokens(values, mask)

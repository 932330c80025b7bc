import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from mmbook.preprocessing.standardiser import Standardiser


def noise(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(shape, generator=generator, dtype=torch.float64) + 5


SHAPES = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@given(SHAPES, st.data())
def test_every_feature_gets_mean_zero_and_spread_one(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    values = noise(*shape)
    standardiser = Standardiser.fit(values, axis)
    standardised = standardiser(values)
    assert standardised.shape == values.shape
    rows = standardised.movedim(axis, -1).reshape(-1, shape[axis])
    torch.testing.assert_close(rows.mean(0), torch.zeros_like(rows[0]), atol=1e-9, rtol=0)
    if len(rows) > 1:
        spread = rows.std(0, correction=0)
        torch.testing.assert_close(spread, torch.ones_like(rows[0]), atol=1e-9, rtol=0)
    torch.testing.assert_close(standardiser.undo(standardised), values)


def test_agrees_with_scikit_learn():
    train, test = noise(50, 4).numpy(), noise(20, 4, seed=1).numpy()
    expected = StandardScaler().fit(train).transform(test)
    standardiser = Standardiser.fit(torch.tensor(train), axis=1)
    np.testing.assert_allclose(standardiser(torch.tensor(test)).numpy(), expected)


@pytest.mark.parametrize(("shape", "axis"), [((7, 3, 5, 4), 1), ((7, 5, 3), 2), ((7, 5, 3), -1)])
def test_channels_of_images_and_bands_of_sounds(shape, axis):
    standardiser = Standardiser.fit(noise(*shape), axis)
    assert standardiser.mean.numel() == 3 and standardiser.mean.ndim == len(shape)
    assert standardiser(noise(2, *shape[1:]).float()).dtype == torch.float32


@given(st.lists(st.integers(0, 6), min_size=1, max_size=4).filter(any))
def test_padding_takes_no_part(frames):
    mask = torch.arange(6) < torch.tensor(frames)[:, None]
    values = noise(len(frames), 6, 3).masked_fill(~mask[:, :, None], math.nan)
    standardiser = Standardiser.fit(values, axis=2, mask=mask)
    torch.testing.assert_close(standardiser.mean[0, 0], values[mask].mean(0))
    assert standardiser.std.shape == (1, 1, 3)


def test_a_feature_that_never_changes_becomes_zero():
    values = torch.tensor([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]])
    assert Standardiser.fit(values, axis=1)(values)[:, 0].abs().max() < 1e-6


@pytest.mark.parametrize("kind", [torch.uint8, torch.int64, torch.bool])
def test_whole_numbers_are_refused_by_name(kind):
    fitted = Standardiser.fit(noise(5, 3), axis=1)
    values = torch.ones(5, 3).to(kind)
    for call in (fitted, fitted.undo, lambda numbers: Standardiser.fit(numbers, axis=1)):
        with pytest.raises(ValueError, match=rf"floating point, got {kind}"):
            call(values)


@pytest.mark.parametrize(
    "mask", [torch.ones(5, 4), torch.ones(5, 4).byte(), torch.zeros(5).long(), torch.ones(4) > 0]
)
def test_a_mask_of_another_kind_is_refused(mask):
    with pytest.raises(ValueError, match="mask must be boolean and of the shape"):
        Standardiser.fit(noise(5, 4, 3), axis=2, mask=mask)


@pytest.mark.parametrize("values", [torch.zeros(0, 3), torch.full((2, 3), math.nan)])
def test_no_value_and_no_number_are_refused(values):
    with pytest.raises(ValueError, match="at least one value"):
        Standardiser.fit(values, axis=1)
    with pytest.raises(ValueError, match="mask must not reach"):
        Standardiser.fit(torch.zeros(2, 3), axis=1, mask=torch.ones(2, 3, dtype=torch.bool))


def test_small_differences_of_large_numbers_are_seen_in_double_precision():
    values = torch.tensor([[1e9, 0.1], [1e9 + 100, 0.1]], dtype=torch.float64)
    assert Standardiser.fit(values, 1)(values).tolist() == [[-1, 0], [1, 0]]


@pytest.mark.parametrize("constant", [0.1, 1e-3 / 3, 1e9 / 7, -123.456])
@pytest.mark.parametrize("kind", [torch.float16, torch.float32, torch.float64])
def test_a_constant_gets_the_deviation_one_in_every_type(constant, kind):
    constant = min(constant, 60000.1) if kind == torch.float16 else constant
    for rows in (1, 3, 1000, 100_003):
        assert Standardiser.fit(torch.full((rows, 2), constant, dtype=kind), 1).std.eq(1).all()

"""Weights in few bits: the same codes as torch's own, bounds, bytes, and what is refused."""

import numpy as np
import pytest
import torch
from torch import nn

from mmbook.models.quantisation import quantise, with_quantised_weights


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("shape", [(5, 7), (6, 3, 3, 3)])
def test_weights_agree_with_torch(bits, shape):
    weights = torch.randn(shape, generator=torch.Generator().manual_seed(bits))
    top = 2 ** (bits - 1) - 1
    one, rows = quantise(weights, bits), quantise(weights, bits, per_row=True)
    expected = torch.fake_quantize_per_tensor_affine(weights, one.scale.item(), 0, -top, top)
    assert torch.allclose(one.restore(), expected)
    zeros = torch.zeros(shape[0], dtype=torch.int32)
    expected = torch.fake_quantize_per_channel_affine(
        weights, rows.scale.flatten(), zeros, 0, -top, top
    )
    assert torch.allclose(rows.restore(), expected)
    for stored in (one, rows):
        assert stored.codes.dtype == torch.int8 and stored.codes.abs().max() == top
        assert ((stored.restore() - weights).abs() <= stored.scale / 2 + 1e-6).all()


def test_rows_scaled_by_a_power_of_two_keep_their_codes():
    weights = torch.randn(4, 9, generator=torch.Generator().manual_seed(0))
    factors = torch.tensor([[1.0], [256.0], [0.25], [2.0]])
    before, after = (quantise(w, per_row=True).codes for w in (weights, weights * factors))
    assert torch.equal(before, after)
    assert not torch.equal(quantise(weights).codes, quantise(weights * factors).codes)


def test_rows_of_zeros_stay_zeros():
    weights = torch.tensor([[0.0, 0.0], [1.0, -2.0]])
    for per_row in (False, True):
        assert torch.equal(quantise(weights, 8, per_row).restore()[0], weights[0])


def test_bytes_count_packed_codes_and_scales():
    weights = torch.randn(3, 5)
    assert quantise(weights).bytes() == 15 + 4
    assert quantise(weights, 4, per_row=True).bytes() == 8 + 3 * 4


def test_a_copy_is_rounded_and_the_model_is_not():
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    before = {name: values.clone() for name, values in model.state_dict().items()}
    copy, size = with_quantised_weights(model, 4)
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
    after = copy.state_dict()
    changed = {name for name, values in before.items() if not torch.equal(values, after[name])}
    assert changed == {"0.weight"}
    # 54 codes of half a byte and a scale; 3 biases, 4 times 3 numbers of the norm, and its counter
    assert size == 27 + 4 + 3 * 4 + 4 * 3 * 4 + 8


def test_what_cannot_be_stored_is_refused():
    with pytest.raises(ValueError, match="from 2 to 8, not 1"):
        quantise(torch.ones(2, 2), 1)
    for weights in (torch.tensor([[1.0, float("nan")]]), torch.ones(0, 3)):
        with pytest.raises(ValueError, match="there and finite"):
            quantise(weights)


@pytest.mark.parametrize("bits", [0, 1, 9, 33, -8, True, 4.0, 4.5, "8", None])
def test_bits_that_are_no_whole_number_from_2_to_8_are_refused(bits):
    with pytest.raises(ValueError, match=f"bits must be a whole number from 2 to 8, not {bits!r}"):
        quantise(torch.ones(2, 2), bits)
    with pytest.raises(ValueError, match="bits must be a whole number"):
        with_quantised_weights(nn.LayerNorm(4), bits)  # which has nothing to round


@pytest.mark.parametrize(
    ("weights", "named"),
    [
        ([[1.0, 2.0]], "list"),
        (np.ones((2, 2)), "ndarray"),
        (torch.ones(2, 2, dtype=torch.int64), "torch.int64"),
        (torch.ones(2, 2, dtype=torch.bool), "torch.bool"),
        (torch.ones(2, 2, dtype=torch.complex64), "torch.complex64"),
        (torch.ones(2, 2).to_sparse(), "sparse"),
    ],
)
def test_what_is_no_dense_tensor_of_floating_point_is_refused(weights, named):
    with pytest.raises(ValueError, match=f"dense tensor of floating point, not .*{named}"):
        quantise(weights)


@pytest.mark.parametrize("per_row", [False, True])
@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("largest", [65504.0, 1.0, 1e-4, 6e-8])
def test_half_precision_is_off_by_half_a_scale_too(largest, bits, per_row):
    weights = torch.linspace(-1, 1, 12).view(3, 4).mul(largest).half()
    stored = quantise(weights, bits, per_row)
    error = (stored.restore().double() - weights.double()).abs()
    assert (error <= 0.5001 * stored.scale.double()).all()


@pytest.mark.parametrize("largest", [3e38, 1e-36, 1e-40, 1e-44])
def test_very_large_and_very_small_weights_are_off_by_half_a_scale(largest):
    weights = torch.tensor([[largest, -largest, largest / 3, 0.0]])
    stored = quantise(weights)
    error = (stored.restore().double() - weights.double()).abs()
    assert (error <= 0.5001 * stored.scale.double()).all()


def test_weights_in_any_layout_of_memory_have_the_same_codes():
    weights = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    for other in (weights.T.contiguous().T, torch.cat([weights, weights], dim=1)[:, :4]):
        assert not other.is_contiguous()
        assert torch.equal(
            quantise(other, per_row=True).codes, quantise(weights, per_row=True).codes
        )


def test_scales_in_double_precision_count_eight_bytes():
    assert quantise(torch.randn(3, 5).double()).bytes() == 15 + 8
    assert quantise(torch.randn(3, 5).half()).bytes() == 15 + 4


def test_no_gradient_goes_through_the_scale():
    assert not quantise(torch.randn(3, 5, requires_grad=True)).restore().requires_grad


def test_a_model_names_the_weights_that_cannot_be_stored():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight.data[0, 0] = torch.inf
    with pytest.raises(ValueError, match=r"1\.weight: weights must be there and finite"):
        with_quantised_weights(model)
    with pytest.raises(ValueError, match=r"model must be an nn\.Module, not Tensor"):
        with_quantised_weights(torch.ones(2, 2))


def test_matrices_without_entries_and_of_whole_numbers_stay_as_they_are():
    table = nn.Parameter(torch.arange(6, dtype=torch.int16).view(2, 3), requires_grad=False)
    empty = nn.Parameter(torch.empty(0, 3))
    copy, size = with_quantised_weights(nn.ParameterDict({"table": table, "empty": empty}))
    assert torch.equal(copy["table"], table) and size == 12

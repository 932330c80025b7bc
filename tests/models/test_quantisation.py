"""Weights in few bits: the same codes as torch's own, bounds, bytes, and what is refused."""

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
    with pytest.raises(ValueError, match="2 to 8, not 1"):
        quantise(torch.ones(2, 2), 1)
    for weights in (torch.tensor([[1.0, float("nan")]]), torch.ones(0, 3)):
        with pytest.raises(ValueError, match="there and finite"):
            quantise(weights)

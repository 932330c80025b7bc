"""Checks that several steps share: which samples of a batch are finite."""

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from mmbook.preprocessing.ranges import finite_samples


@given(
    arrays(
        "float32",
        array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=4),
        elements=st.sampled_from(
            [0.0, 1.0, -3e38, 3e38, float("nan"), float("inf"), -float("inf")]
        ),
    )
)
def test_the_samples_are_those_of_isfinite(values) -> None:
    tensor = torch.from_numpy(values)
    expected = tensor.isfinite().flatten(1).all(1)
    assert torch.equal(finite_samples(tensor), expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_every_floating_point_type(dtype: torch.dtype) -> None:
    largest = torch.finfo(dtype).max
    values = torch.tensor([[largest, -largest], [0, float("nan")], [0, float("inf")]], dtype=dtype)
    assert finite_samples(values).tolist() == [True, False, False]

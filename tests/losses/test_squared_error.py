"""The squared error against PyTorch's."""

import pytest
import torch
import torch.nn.functional as F

from mmbook.losses import squared_error


def test_its_mean_is_that_over_all_numbers() -> None:
    outputs, targets = torch.randn(2, 3, 4, 5)
    torch.testing.assert_close(squared_error(outputs, targets).mean(), F.mse_loss(outputs, targets))


def test_other_shapes_are_refused_and_not_stretched() -> None:
    with pytest.raises(ValueError, match=r"one shape, not \(3, 1\) and \(3,\)"):
        squared_error(torch.zeros(3, 1), torch.zeros(3))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.uint16, torch.int64])
def test_whole_numbers_do_not_overflow(dtype: torch.dtype) -> None:
    small, large = torch.tensor([0]).to(dtype), torch.tensor([20]).to(dtype)
    for pair in ((small, large), (large, small), (small, large.float()), (large.float(), small)):
        assert squared_error(*pair).total == 400


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="must be real"):
        squared_error(torch.zeros(1), torch.zeros(1, dtype=torch.complex64))

"""The contrastive loss against its definition; between processes see training/test_processes."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.losses import contrastive


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 7), width=st.integers(1, 5), seed=st.integers(0, 99))
def test_it_is_the_mean_of_two_cross_entropies(count: int, width: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    shape = 2, count, width
    first, second = torch.randn(shape, dtype=torch.float64, generator=generator)
    scale = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    found = contrastive(first, second * 5, scale)
    cosines = F.cosine_similarity(first[:, None], second[None], dim=2)
    own = torch.arange(count)
    expected = F.cross_entropy(3 * cosines, own) + F.cross_entropy(3 * cosines.T, own)
    torch.testing.assert_close(found.mean(), expected.detach() / 2, check_dtype=False)
    assert found.count == count
    found.total.backward()
    assert scale.grad is not None and scale.grad.isfinite()


def test_perfect_pairs_are_cheap_and_swapped_ones_are_not() -> None:
    rows = torch.eye(4)
    assert contrastive(rows, rows, 20.0).mean() < 1e-6
    assert contrastive(rows, rows.roll(1, dims=0), 20.0).mean() > 19


def test_halves_that_do_not_match_are_refused() -> None:
    for shapes in ((3, 2), (4, 2)), ((3, 2), (3, 4)), ((3,), (3,)):
        with pytest.raises(ValueError, match=r"both halves must be \(n, width\)"):
            contrastive(*(torch.zeros(shape) for shape in shapes), 1.0)

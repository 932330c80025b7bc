"""The additive projection: what it keeps and takes away, and that nothing additive is nearer."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.evaluation.additive import additive_projection


def scores(n: int, m: int, classes: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, m, classes, generator=generator, dtype=torch.float64)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 5), m=st.integers(1, 5), k=st.integers(1, 3), seed=st.integers(0, 99))
def test_it_is_the_nearest_additive_table(n: int, m: int, k: int, seed: int) -> None:
    """Least squares over all tables f(a) + g(b), solved by the library."""
    table = scores(n, m, k, seed)
    rows = torch.eye(n).repeat_interleave(m, dim=0)
    columns = torch.eye(m).repeat(n, 1)
    design = torch.cat([rows, columns], dim=1).double()
    flat = table.reshape(n * m, k)
    fitted = design @ torch.linalg.lstsq(design, flat, driver="gelsd").solution
    torch.testing.assert_close(additive_projection(table).reshape(n * m, k), fitted)


def test_additive_tables_stay_and_parity_vanishes() -> None:
    first, second = scores(4, 1, 2, 0), scores(1, 3, 2, 1)
    torch.testing.assert_close(additive_projection(first + second), first + second)
    parity = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])[..., None]
    assert additive_projection(parity).abs().max() < 1e-6


@pytest.mark.parametrize("shape", [(3, 3), (0, 2, 2), (2, 2, 0)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"scores must be \(n, m, classes\)"):
        additive_projection(torch.zeros(shape))

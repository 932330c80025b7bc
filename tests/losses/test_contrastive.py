"""The contrastive loss against its definition; between processes see training/test_processes."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.losses import contrastive, sigmoid_contrastive


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


@settings(max_examples=20, deadline=None)
@given(
    count=st.integers(1, 6),
    extra=st.integers(0, 4),
    width=st.integers(1, 5),
    seed=st.integers(0, 99),
)
def test_hard_negatives_are_more_to_tell_from(
    count: int, extra: int, width: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randn(2, count, width, generator=generator).double()
    hard = torch.randn(extra, width, generator=generator).double()
    own, candidates = torch.arange(count), torch.cat([second, hard])
    there = F.cosine_similarity(first[:, None], candidates[None], dim=2)
    back = F.cosine_similarity(second[:, None], first[None], dim=2)
    expected = F.cross_entropy(5 * there, own) + F.cross_entropy(5 * back, own)
    found = contrastive(first, second, 5.0, hard).mean()
    torch.testing.assert_close(found, expected / 2)
    assert found >= contrastive(first, second, 5.0).mean() - 1e-12
    assert (extra > 0) == bool(found > contrastive(first, second, 5.0).mean())


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 7), width=st.integers(1, 5), seed=st.integers(0, 99))
def test_the_sigmoid_loss_is_its_double_sum(count: int, width: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randn(2, count, width, generator=generator).double()
    expected = torch.zeros((), dtype=torch.float64)
    for i in range(count):
        for j in range(count):
            score = 4 * F.cosine_similarity(first[i], second[j], dim=0) - 2
            expected -= F.logsigmoid(score if i == j else -score)
    found = sigmoid_contrastive(first, second, 4.0, -2.0)
    torch.testing.assert_close(found.total, expected)
    assert found.count == count


def test_with_one_pair_the_sigmoid_loss_still_teaches() -> None:
    """The softmax over one candidate is 1 and its gradient 0; the sigmoid is not."""
    first, second = torch.randn(2, 1, 3, generator=torch.Generator().manual_seed(0))
    for loss, learns in ((contrastive, False), (sigmoid_contrastive, True)):
        rows = first.clone().requires_grad_()
        loss(rows, second, *((1.0,) if loss is contrastive else (1.0, 0.0))).total.backward()
        assert rows.grad is not None and bool((rows.grad.abs() > 1e-6).any()) == learns


def test_shapes_that_do_not_fit_are_refused() -> None:
    rows = torch.zeros(3, 2)
    with pytest.raises(ValueError, match=r"hard negatives must be \(m, 2\), not \(3, 4\)"):
        contrastive(rows, rows, 1.0, torch.zeros(3, 4))
    with pytest.raises(ValueError, match=r"both halves must be \(n, width\)"):
        sigmoid_contrastive(rows, torch.zeros(4, 2), 1.0, 0.0)

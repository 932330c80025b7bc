"""The gradient of an expected score, estimated from samples."""

import pytest
import torch

from mmbook.losses.self_critical import self_critical


def test_its_gradient_is_that_of_the_expected_score() -> None:
    """Sequences of one token of three, all of whose pairs are drawn by their probability."""
    logits = torch.tensor([0.3, -0.5, 0.8], dtype=torch.float64, requires_grad=True)
    score = torch.tensor([1.0, 4.0, 2.0], dtype=torch.float64)
    log_p = logits.log_softmax(dim=0)
    expected = (log_p.exp() * score).sum()
    (wanted,) = torch.autograd.grad(expected, logits, retain_graph=True)
    total = torch.zeros(3, dtype=torch.float64)
    for one in range(3):
        for other in range(3):
            drawn = torch.stack([log_p[one], log_p[other]]).view(1, 2, 1)
            mask = torch.ones(1, 2, 1, dtype=torch.bool)
            loss = self_critical(drawn, mask, torch.stack([score[one], score[other]])[None])
            (gradient,) = torch.autograd.grad(loss.total, logits, retain_graph=True)
            total += (log_p[one] + log_p[other]).exp().detach() * gradient
    torch.testing.assert_close(total, -2 * wanted)  # two samples each


def test_equal_scores_teach_nothing() -> None:
    log_p = torch.randn(2, 3, 4, requires_grad=True)
    loss = self_critical(log_p, torch.ones(2, 3, 4, dtype=torch.bool), torch.full((2, 3), 0.7))
    loss.total.backward()
    assert log_p.grad is not None
    torch.testing.assert_close(log_p.grad, torch.zeros_like(log_p), atol=1e-6, rtol=0)


def test_what_lies_behind_the_end_does_not_count() -> None:
    log_p = torch.randn(1, 2, 4)
    mask = torch.tensor([[[True, True, False, False], [True, True, True, True]]])
    scores = torch.tensor([[1.0, 3.0]])
    loss = self_critical(log_p, mask, scores)
    other = self_critical(log_p.masked_fill(~mask, torch.nan), mask, scores)
    wanted = 2 * log_p[0, 0, :2].sum() - 2 * log_p[0, 1].sum()
    torch.testing.assert_close(loss.total, wanted)
    torch.testing.assert_close(other.total, wanted)
    assert loss.count == 6


@pytest.mark.parametrize(
    ("shape", "scores", "message"),
    [
        ((2, 3), (2, 3), r"must be \(n, samples, length\)"),
        ((2, 3, 4), (2, 2), r"scores must be \(2, 3\)"),
        ((2, 1, 4), (2, 1), "two samples or more"),
    ],
)
def test_other_shapes_are_refused(
    shape: tuple[int, ...], scores: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        self_critical(torch.zeros(shape), torch.ones(shape, dtype=torch.bool), torch.zeros(scores))


def test_a_mask_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="boolean mask"):
        self_critical(torch.zeros(1, 2, 3), torch.ones(1, 2, 3), torch.zeros(1, 2))

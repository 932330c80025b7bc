"""Pseudo-labels are the surest classes, of those that are sure enough."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.training.pseudo_labels import pseudo_labels


def test_by_hand() -> None:
    scores = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    found = pseudo_labels(scores, 0.9)  # 0.5, 0.953 and 0.881
    assert (found.rows.tolist(), found.labels.tolist()) == ([1], [0])
    found = pseudo_labels(scores, 0.88)
    assert (found.rows.tolist(), found.labels.tolist()) == ([1, 2], [0, 1])


@given(st.integers(0, 9), st.integers(1, 5), st.floats(0, 1), st.integers(0, 99))
def test_takes_those_that_are_sure(n: int, classes: int, threshold: float, seed: int) -> None:
    scores = 3 * torch.randn(n, classes, generator=torch.Generator().manual_seed(seed))
    found = pseudo_labels(scores, threshold)
    taken = [row for row in range(n) if float(scores.softmax(1)[row].max()) >= threshold]
    assert found.rows.tolist() == taken
    assert found.labels.tolist() == [int(scores[row].argmax()) for row in taken]


def test_zero_takes_all_and_no_gradient_flows() -> None:
    scores = torch.randn(5, 3, requires_grad=True)
    found = pseudo_labels(scores, 0.0)
    assert found.rows.tolist() == list(range(5)) and not found.labels.requires_grad


@pytest.mark.parametrize(
    ("scores", "threshold", "said"),
    [
        (torch.zeros(3), 0.5, r"\(n, classes\), not \(3,\)"),
        (torch.zeros(3, 0), 0.5, "classes"),
        (torch.tensor([[0.0, torch.nan]]), 0.5, "finite"),
        (torch.zeros(1, 2), 1.1, "threshold"),
        (torch.zeros(1, 2), -0.1, "threshold"),
        (torch.zeros(1, 2), float("nan"), "threshold"),
    ],
)
def test_says_what_is_wrong(scores: torch.Tensor, threshold: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pseudo_labels(scores, threshold)

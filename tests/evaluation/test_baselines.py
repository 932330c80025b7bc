"""A constant answer is worth what counting says."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.evaluation import majority_accuracy

classes = st.lists(st.integers(0, 5), min_size=1, max_size=40)


@given(targets=classes)
def test_no_constant_answer_beats_the_commonest(targets: list[int]) -> None:
    best = max(targets.count(guess) for guess in range(6)) / len(targets)
    assert majority_accuracy(torch.tensor(targets)) == best


def test_the_class_is_chosen_elsewhere() -> None:
    train, test = torch.tensor([2, 2, 0]), torch.tensor([0, 0, 0, 2])
    assert majority_accuracy(test, chosen_on=train) == 0.25
    assert majority_accuracy(test, chosen_on=torch.tensor([9])) == 0


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0)])
def test_nothing_to_name_is_an_error(sizes: tuple[int, int]) -> None:
    targets, chosen_on = (torch.zeros(size, dtype=torch.long) for size in sizes)
    with pytest.raises(ValueError, match="no targets"):
        majority_accuracy(targets, chosen_on)


@pytest.mark.parametrize("wrong", [[[0, 0], [0, 0]], [-1, 0], [0.5, 1.0], [float("nan"), 0.0]])
def test_what_are_no_classes_is_refused(wrong: list) -> None:
    labels = torch.tensor([0, 1])
    with pytest.raises(ValueError, match=r"targets must be classes \(n,\)"):
        majority_accuracy(torch.tensor(wrong), labels)
    with pytest.raises(ValueError, match=r"chosen_on must be classes \(n,\)"):
        majority_accuracy(labels, torch.tensor(wrong))

import itertools

import pytest
import torch

from mmbook.datasets.digits.items import draw_items, load_bank
from mmbook.datasets.digits.tasks import TASKS, Task, find_task

RULES = {
    "copy": lambda a, b, listen: a,
    "parity": lambda a, b, listen: int((a % 2) != (b % 2)),
    "match": lambda a, b, listen: 1 if a == b else 0,
    "and": lambda a, b, listen: 1 if min(a, b) > 4 else 0,
    "greater": lambda a, b, listen: 1 if b < a else 0,
    "unique": lambda a, b, listen: a,
    "look-or-listen": lambda a, b, listen: b if listen else a,
}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_every_task_has_a_rule_here():
    assert [task.name for task in TASKS] == list(RULES)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_labels_by_brute_force(task):
    cases = list(itertools.product(range(10), range(10), (False, True)))
    a, b, listen = (torch.tensor(column) for column in zip(*cases, strict=True))
    labels = task.label(a, b, listen)
    assert labels.dtype == torch.int64
    assert labels.tolist() == [RULES[task.name](*case) for case in cases]
    assert set(labels.tolist()) == set(range(task.classes))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_digits_are_drawn_uniformly(task):
    a, b = task.digits(20_000, seeded())
    for digits in (a, b):
        shares = digits.bincount(minlength=10) / 20_000
        torch.testing.assert_close(shares, torch.full((10,), 0.1), atol=0.01, rtol=0)


def test_match_is_balanced_and_tells_nothing_about_one_digit():
    a, b = find_task("match").digits(40_000, seeded())
    same = (a == b).float()
    assert float(same.mean()) == pytest.approx(0.5, abs=0.01)
    for digit in range(10):
        assert float(same[a == digit].mean()) == pytest.approx(0.5, abs=0.04)
        assert float(same[b == digit].mean()) == pytest.approx(0.5, abs=0.04)


def test_an_unknown_task_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no task 'sum'.*copy.*look-or-listen"):
        find_task("sum")


def test_a_task_of_your_own():
    total = Task("sum", 19, lambda a, b, listen: a + b)
    items = draw_items(load_bank("validation"), 50, task=total)
    assert torch.equal(items.targets, items.image_digits + items.speech_digits)
    assert items.text is None

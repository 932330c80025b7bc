from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbook.datasets.small.statements import TASKS, split_statements


@given(st.sampled_from(sorted(TASKS)), st.integers(0, 99), st.floats(0.1, 0.9))
def test_halves_are_disjoint_and_balanced(task, seed, share):
    train, test = split_statements(task, seed, share)
    assert not {s.text for s in train} & {s.text for s in test}
    assert len(train) + len(test) == 2 * len(TASKS[task]())
    for half in (train, test):
        assert sum(s.answer for s in half) == len(half) / 2
    assert split_statements(task, seed, share) == (train, test)


@pytest.mark.parametrize(
    ("task", "differ"), [("negation", {"a", "no"}), ("side", {"left", "right"})]
)
def test_one_word_decides(task, differ):
    for yes, no in TASKS[task]():
        assert yes.answer and not no.answer
        assert set(yes.text.split()) ^ set(no.text.split()) == differ


def test_order_alone_decides():
    for yes, no in TASKS["order"]():
        words = [Counter(s.text.removesuffix(".").split()) for s in (yes, no)]
        assert words[0] == words[1] and yes.text != no.text


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="negation, side, order"):
        split_statements("irony", 0)
    for share in (0.0, 1.0):
        with pytest.raises(ValueError, match="test_share"):
            split_statements("order", 0, share)

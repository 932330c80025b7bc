from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbook.datasets.splits import check_split, connected, split_of


def test_shares_are_as_asked():
    counts = Counter(split_of(f"group {n}", 0.1) for n in range(10_000))
    assert counts["test"] == pytest.approx(1000, abs=100)
    assert counts["validation"] == pytest.approx(1000, abs=100)


@given(group=st.text(), share=st.floats(0, 0.5))
def test_a_split_depends_on_the_name_alone(group, share):
    assert split_of(group, share) == split_of(group, share)
    assert split_of(group, 0.0) == "train"


def test_known_splits_never_change():
    splits = {name: split_of(name) for name in ("a", "c", "d", "水")}
    assert splits == {"a": "train", "c": "validation", "d": "test", "水": "validation"}


def test_unknown_splits_are_refused():
    with pytest.raises(ValueError, match=r"no split 'dev'; there are train, test"):
        check_split("dev", ("train", "test"))


@given(pairs=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))))
def test_groups_are_the_connected_parts(pairs):
    groups = connected(pairs)
    for one, other in pairs:
        assert groups[one] == groups[other]
    # The reference: spread labels along pairs until nothing changes.
    label = {member: member for pair in pairs for member in pair}
    for _ in label:
        for one, other in pairs:
            label[one] = label[other] = min(label[one], label[other])
    assert groups == label

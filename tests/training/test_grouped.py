"""Batches in groups of one class."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.batch import Batch
from mmbook.training import Grouped, Stream


def uneven() -> Batch:
    """Class 2 is 90 of 100 samples, and class 1 is none."""
    labels = torch.tensor([0] * 6 + [2] * 90 + [3] * 4)
    return Batch({"number": torch.arange(100)}, {"label": labels})


@settings(max_examples=20)
@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 99), st.integers(1, 4))
def test_a_batch_is_whole_groups_also_in_parts(groups, each, step, parts):
    stream: Stream = Grouped(uneven(), groups, each, seed=1)
    whole = stream.batch(step)
    assert len(whole) == groups * each
    labels = whole.target.view(groups, each)
    assert (labels == labels[:, :1]).all()
    assert uneven().target[whole.inputs["number"]].equal(whole.target)
    pieces = [stream.batch(step, part, parts) for part in range(parts)]
    assert all(len(piece) % each == 0 for piece in pieces)
    joined = torch.cat([piece.inputs["number"] for piece in pieces])
    assert joined.equal(whole.inputs["number"])


def test_each_class_is_as_probable_as_any_other():
    stream = Grouped(uneven(), groups=3_000, each=1)
    counts = stream.batch(0).target.bincount(minlength=4).tolist()
    assert counts[1] == 0
    assert all(850 < counts[label] < 1150 for label in (0, 2, 3))


def test_all_follows_from_seed_and_step():
    def numbers(step: int = 0, seed: int = 0) -> list[int]:
        return Grouped(uneven(), seed=seed).batch(step).inputs["number"].tolist()

    assert numbers() == numbers()
    assert len({tuple(numbers(*which)) for which in ((0, 0), (1, 0), (0, 1))}) == 3
    prints = {Grouped(uneven(), *which).fingerprint() for which in ((16, 4), (8, 4), (16, 4, 1))}
    assert len(prints) == 3


def test_what_cannot_be_grouped_is_refused():
    for groups, each in ((0, 4), (4, 0)):
        with pytest.raises(ValueError, match="must be 1 or more"):
            Grouped(uneven(), groups, each)
    with pytest.raises(ValueError, match="must be 1 or more, not 16, 4 and 0"):
        Grouped(uneven()[:0])

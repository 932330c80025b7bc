import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.batches import length_buckets, padding_share


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


LENGTHS = st.lists(st.integers(1, 50), max_size=40)


@given(LENGTHS, st.integers(1, 9), st.integers(0, 99))
def test_buckets_hold_each_sentence_once_and_similar_ones(lengths, size, seed):
    batches = length_buckets(lengths, size, seeded(seed))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in batches)
    spans = sorted((min(b), max(b)) for b in ([lengths[i] for i in batch] for batch in batches))
    assert all(high <= low for (_, high), (low, _) in itertools.pairwise(spans))
    plain = [list(range(i, min(i + size, len(lengths)))) for i in range(0, len(lengths), size)]
    if len(lengths) % size == 0:  # else the small batch may hold other lengths
        assert padding_share(lengths, batches) <= padding_share(lengths, plain) + 1e-12


def test_buckets_differ_with_the_seed_and_repeat_with_it():
    lengths = [1 + i % 7 for i in range(100)]
    assert length_buckets(lengths, 8, seeded(1)) == length_buckets(lengths, 8, seeded(1))
    assert length_buckets(lengths, 8, seeded(1)) != length_buckets(lengths, 8, seeded(2))


def test_share_of_padding():
    assert padding_share([1, 3], [[0, 1]]) == pytest.approx(2 / 6)
    assert padding_share([1, 3], [[0], [1]]) == 0
    assert padding_share([], []) == 0


@given(st.lists(st.integers(0, 99), max_size=20), st.integers(1, 9))
def test_buckets_hold_every_row_once_in_order_of_length(lengths, size):
    buckets = length_buckets(lengths, size)
    rows = [row for bucket in buckets for row in bucket]
    assert sorted(rows) == list(range(len(lengths)))
    assert [lengths[row] for row in rows] == sorted(lengths)
    assert all(len(bucket) == size for bucket in buckets[:-1])


@pytest.mark.parametrize("generator", [None, seeded(0)])
def test_an_empty_bucket_is_refused(generator):
    with pytest.raises(ValueError, match="at least one row, not 0"):
        length_buckets([1], 0, generator)

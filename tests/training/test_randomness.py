import random
from itertools import islice

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.training import batch_order, seed_everything


@given(count=st.integers(1, 40), size=st.integers(1, 60), seed=st.integers(0, 99))
def test_every_epoch_sees_every_sample_once(count: int, size: int, seed: int) -> None:
    batches = list(islice(batch_order(count, size, seed), 3 * count))
    assert {len(batch) for batch in batches} == {size}
    for epoch in torch.cat(batches)[: 3 * count].split(count):
        assert sorted(epoch.tolist()) == list(range(count))


@given(count=st.integers(1, 40), size=st.integers(1, 60), start=st.integers(0, 50))
def test_the_order_can_be_entered_at_any_step(count: int, size: int, start: int) -> None:
    whole = list(islice(batch_order(count, size, 3), start + 4))
    entered = list(islice(batch_order(count, size, 3, start=start), 4))
    assert all(torch.equal(a, b) for a, b in zip(whole[start:], entered, strict=True))


def test_epochs_and_seeds_differ() -> None:
    first, second = islice(batch_order(100, 100, 0), 2)
    assert not torch.equal(first, second)
    assert not torch.equal(first, next(batch_order(100, 100, 1)))


def test_seeding_reaches_every_generator() -> None:
    def draws() -> tuple[float, float, float]:
        seed_everything(5)
        return random.random(), numpy.random.rand(), torch.rand(()).item()

    assert draws() == draws()
    torch.manual_seed(5)
    assert draws()[2] == torch.rand((), generator=torch.Generator().manual_seed(5)).item()
    for seed in (-1, 2**32):
        with pytest.raises(ValueError, match="seed"):
            seed_everything(seed)

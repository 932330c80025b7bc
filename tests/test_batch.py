"""Batch: inputs and targets stay together."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.batch import Batch


def numbered(size: int) -> Batch:
    """Batch whose every entry tells its row."""
    rows = torch.arange(size)
    return Batch(
        {"image": rows.float().view(-1, 1, 1, 1), "text": rows.view(-1, 1)}, {"label": rows}
    )


def assert_rows(samples: Batch, rows: list[int]) -> None:
    assert len(samples) == len(rows)
    assert samples.target.tolist() == rows
    for values in samples.inputs.values():
        assert values.flatten().tolist() == rows


def test_slice_indices_and_mask_select_the_same_rows_everywhere() -> None:
    samples = numbered(5)
    assert_rows(samples[1:4], [1, 2, 3])
    assert_rows(samples[torch.tensor([4, 0, 4])], [4, 0, 4])
    assert_rows(samples[samples.target > 2], [3, 4])


@settings(max_examples=30, deadline=None)
@given(size=st.integers(0, 20), batch=st.integers(1, 8))
def test_batches_are_all_the_samples_in_order(size: int, batch: int) -> None:
    batches = list(numbered(size).batches(batch))
    assert [len(b) for b in batches[:-1]] == [batch] * max(0, len(batches) - 1)
    assert [row for b in batches for row in b.target.tolist()] == list(range(size))


def test_joined_parts_follow_one_another() -> None:
    assert_rows(Batch.joined([numbered(2), numbered(0), numbered(3)]), [0, 1, 0, 1, 2])
    with pytest.raises(ValueError, match="same modalities"):
        Batch.joined([numbered(2), numbered(2).only("text")])
    with pytest.raises(ValueError, match="same modalities"):
        Batch.joined([])


def test_only_and_without_choose_modalities() -> None:
    samples = numbered(3)
    assert list(samples.only("text").inputs) == ["text"]
    assert list(samples.without("text").inputs) == ["image"]
    assert set(samples.inputs) == {"image", "text"}
    with pytest.raises(ValueError, match=r"'audio'.*'image', 'text'"):
        samples.only("audio")


def test_numbers_of_samples_must_agree() -> None:
    with pytest.raises(ValueError, match="inputs 'audio' of 4, targets 'label' of 3"):
        Batch({"image": torch.zeros(3, 1), "audio": torch.zeros(4, 1)}, {"label": torch.zeros(3)})
    with pytest.raises(ValueError, match="not none"):
        Batch({})
    with pytest.raises(ValueError, match="single number"):
        Batch({"image": torch.zeros(())})
    with pytest.raises(ValueError, match="targets must be a mapping"):
        Batch({"image": torch.zeros(3)}, torch.zeros(3))


def test_to_moves_everything() -> None:
    moved = numbered(2).to("meta")
    assert {t.device.type for t in [moved.target, *moved.inputs.values()]} == {"meta"}

"""Batch: inputs and targets stay together."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.batch import Batch, Padded
from mmbook.rows import row_numbers


def numbered(size: int) -> Batch:
    """A batch whose every entry tells its row."""
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


def sentences() -> Batch:
    """Three sentences of uneven length, of which one has no picture, and two targets."""
    rows = Padded.of([torch.tensor([5, 6, 7]), torch.tensor([8]), torch.tensor([9, 9])])
    inputs = {"text": rows, "image": torch.arange(3.0)[:, None]}
    targets = {"label": torch.arange(3), "next": Padded.of([torch.tensor([1]), *2 * [EMPTY]])}
    return Batch(inputs, targets, {"image": torch.tensor([True, False, True])})


EMPTY = torch.zeros(0, dtype=torch.long)


def test_padded_inputs_targets_and_presence_are_indexed_together() -> None:
    some = sentences()[torch.tensor([2, 1])]
    assert some.inputs["text"].values.tolist() == [[9, 9], [8, 0]]  # cut to the longest
    assert some.inputs["text"].lengths.tolist() == [2, 1]
    assert some.targets["label"].tolist() == [2, 1]
    assert some.targets["next"].lengths.tolist() == [0, 0]
    assert some.targets["next"].values.shape == (2, 1)  # a network can read it
    assert some.presence("image").tolist() == [True, False]
    assert some.presence("text").tolist() == [True, True]
    assert some.only("text").present == {}
    assert list(some.without("text").present) == ["image"]


def test_several_targets_have_to_be_named() -> None:
    with pytest.raises(ValueError, match=r"not one target but \['label', 'next'\]"):
        _ = sentences().target
    with pytest.raises(ValueError, match=r"not one target but \[\]"):
        _ = Batch({"image": torch.zeros(2)}).target


def test_joined_parts_keep_lengths_and_who_is_present() -> None:
    some = sentences()
    complete = Batch(some.inputs, some.targets)
    both = Batch.joined([some[1:2], complete])
    assert both.inputs["text"].lengths.tolist() == [1, 3, 1, 2]
    assert both.inputs["text"].filled().tolist()[:2] == [[8, 0, 0], [5, 6, 7]]
    assert both.presence("image").tolist() == [False, True, True, True]
    assert both.targets["label"].tolist() == [1, 0, 1, 2]
    with pytest.raises(ValueError, match="same modalities and targets"):
        Batch.joined([some, Batch(some.inputs, {"label": torch.arange(3)})])


@pytest.mark.parametrize(
    "present",
    [{"sound": torch.ones(2).bool()}, {"image": torch.ones(2)}, {"image": torch.ones(2, 1).bool()}],
)
def test_presence_that_fits_no_input_is_refused(present: dict[str, torch.Tensor]) -> None:
    with pytest.raises(ValueError, match="present"):
        Batch({"image": torch.zeros(2, 3)}, {}, present)
    with pytest.raises(ValueError, match="present 'image' of 3"):
        Batch({"image": torch.zeros(2, 3)}, {}, {"image": torch.ones(3).bool()})


ROWS = torch.arange(6)


@pytest.mark.parametrize("kind", [torch.uint8, torch.int8, torch.int32, torch.int64])
def test_whole_numbers_of_any_type_are_rows(kind: torch.dtype) -> None:
    rows = torch.tensor([1, 0, 1, 5, 1, 1], dtype=kind)  # as many as there are: no mask
    assert_rows(numbered(6)[rows], [1, 0, 1, 5, 1, 1])
    assert Padded(ROWS[:, None], torch.ones_like(ROWS))[rows].values.flatten().tolist()[3] == 5
    assert_rows(numbered(6)[[4, 2]], [4, 2])
    assert_rows(numbered(6)[[]], [])


@given(data=st.data(), count=st.integers(1, 9))
def test_masks_and_numbers_pick_the_same(data: st.DataObject, count: int) -> None:
    mask = torch.tensor(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    assert_rows(numbered(count)[mask], mask.nonzero()[:, 0].tolist())


def test_fingerprints_tell_batches_apart() -> None:
    base = sentences()
    others = [
        base[:2],
        base[torch.tensor([0, 2, 1])],
        base.only("text"),
        Batch(base.inputs, base.targets),
        Batch(base.inputs, {"label": base.targets["label"]}, base.present),
        Batch(base.targets, base.inputs),
        Batch({**base.inputs, "image": torch.arange(3)[:, None]}, base.targets, base.present),
        Batch({**base.inputs, "image": torch.zeros(3, 1)}, base.targets, base.present),
        Batch(base.inputs, base.targets, {"image": torch.tensor([True, True, True])}),
    ]
    found = {batch.fingerprint() for batch in [base, *others]}
    assert len(found) == len(others) + 1
    assert sentences().fingerprint() == base.fingerprint()
    reordered = Batch(dict(reversed(base.inputs.items())), base.targets, base.present)
    assert reordered.fingerprint() == base.fingerprint()


def test_batches_need_a_size() -> None:
    for size in (0, -1):
        with pytest.raises(ValueError, match="size of 1 or more"):
            numbered(3).batches(size)


GOOD_ROWS = {
    "list": [4, 0, -1],
    "tuple": (4, 0, -1),
    "range": range(4, -1, -2),
    "numpy": np.array([4, 0, -1]),
    "numpy uint8": np.array([4, 0, 4], np.uint8),
    "uint8": torch.tensor([4, 0, 4], dtype=torch.uint8),
    "int8": torch.tensor([4, 0, -1], dtype=torch.int8),
    "int16": torch.tensor([4, 0, -1], dtype=torch.int16),
    "int32": torch.tensor([4, 0, -1], dtype=torch.int32),
    "list of numpy numbers": [np.int16(4), np.int64(0), np.int64(-1)],
}
BAD_ROWS = {
    "a short mask": torch.tensor([True]),
    "a long mask": torch.ones(6, dtype=torch.bool),
    "a short mask as a list": [True, False],
    "a short numpy mask": np.array([True]),
    "an empty mask": torch.zeros(0, dtype=torch.bool),
    "a mask of two dimensions": torch.ones(5, 1, dtype=torch.bool),
    "bools and numbers": [True, 2],
    "floats": [0.7, 1.9],
    "whole floats": torch.tensor([0.0, 1.0]),
    "a numpy float": np.array([1.5]),
    "NaN": torch.tensor([torch.nan]),
    "complex": torch.tensor([1j]),
    "too high": [5],
    "too low": [-6],
    "too high as uint8": torch.tensor([200], dtype=torch.uint8),
    "two dimensions": torch.zeros(2, 2, dtype=torch.int64),
    "one number": 3,
    "a tensor of one number": torch.tensor(3),
    "a bool": True,
    "a string": "01",
    "strings": ["0", "1"],
    "None": None,
    "an ellipsis": ...,
    "a set": {0, 1},
    "unequal rows": [[0], [1, 2]],
}


@pytest.mark.parametrize("name", GOOD_ROWS)
def test_row_numbers_of_any_type_choose_the_same(name: str) -> None:
    assert_rows(numbered(5)[GOOD_ROWS[name]], [4, 2, 0] if name == "range" else [4, 0, 4])


@pytest.mark.parametrize("name", BAD_ROWS)
def test_rows_of_a_wrong_kind_are_refused(name: str) -> None:
    for whole in (numbered(5), Padded(torch.zeros(5, 1), torch.ones(5, dtype=torch.int64))):
        with pytest.raises(IndexError):
            whole[BAD_ROWS[name]]


def test_no_rows_are_no_samples() -> None:
    for none in ([], torch.tensor([]), np.array([]), torch.zeros(5, dtype=torch.bool), slice(9, 5)):
        assert_rows(numbered(5)[none], [])
    assert_rows(numbered(0)[torch.zeros(0, dtype=torch.bool)], [])
    with pytest.raises(IndexError, match="no row 0 among 0"):
        numbered(0)[[0]]


@given(rows=st.lists(st.integers(-9, 9), max_size=6), size=st.integers(0, 6))
def test_row_numbers_are_those_of_a_list(rows: list[int], size: int) -> None:
    try:
        expected = [list(range(size))[row] for row in rows]
    except IndexError:
        with pytest.raises(IndexError, match="there is no row"):
            row_numbers(rows, size)
    else:
        assert_rows(numbered(size)[rows], expected)


@given(bools=st.lists(st.booleans(), max_size=6))
def test_masks_of_any_kind_choose_the_same(bools: list[bool]) -> None:
    samples, expected = numbered(len(bools)), [row for row, is_in in enumerate(bools) if is_in]
    masks = [torch.tensor(bools, dtype=torch.bool), np.array(bools, dtype=bool)]
    for mask in [bools, *masks]:
        assert_rows(samples[mask], expected)


def test_slices_go_backwards_too() -> None:
    assert_rows(numbered(5)[::-2], [4, 2, 0])
    assert numbered(5)[1:3].target._base is not None  # a view


@pytest.mark.parametrize("lengths", [[4, 1], [-1, 2]])
def test_lengths_beyond_the_values_are_refused(lengths: list[int]) -> None:
    with pytest.raises(ValueError, match="lengths must be from 0 to 3"):
        Padded(torch.zeros(2, 3), torch.tensor(lengths))


def test_rows_of_several_types_or_another_fill_are_refused() -> None:
    with pytest.raises(ValueError, match="of one type"):
        Padded.of([torch.tensor([1, 2]), torch.tensor([0.7])])
    for fill in (0.5, -100, 256):
        with pytest.raises(ValueError, match="uint8 cannot hold the fill"):
            Padded.of([torch.tensor([1], dtype=torch.uint8)], fill)
        with pytest.raises(ValueError, match="uint8 cannot hold the fill"):
            Padded(torch.zeros(1, 2, dtype=torch.uint8), torch.tensor([1])).filled(fill)
    assert Padded.of([torch.tensor([1]), torch.tensor([2, 3])], -100).values[0, 1] == -100

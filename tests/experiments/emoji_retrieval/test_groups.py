"""What is held out together, and that no group is in two parts."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.experiments.emoji_retrieval.data import (
    is_picture,
    load_grouped,
    phrases,
    pieces,
    share_of_groups,
    split_groups,
    stem,
)
from tests.experiments.emoji_retrieval import small


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(0, 99))
def test_no_group_is_in_two_parts(groups: list[int], seed: int) -> None:
    found = torch.tensor(groups)
    split = split_groups(found, seed, validation=5, test=7)
    parts = (split.train, split.validation, split.test)
    assert sorted(torch.cat(parts).tolist()) == list(range(len(groups)))
    held = [set(found[part.long()].tolist()) for part in parts]
    assert not (held[0] & held[1] or held[0] & held[2] or held[1] & held[2])
    assert len(split.test) <= 7 and len(split.validation) <= 5


def test_the_seed_decides_what_is_held_out() -> None:
    groups = torch.arange(50)
    first, again, other = (split_groups(groups, seed, 5, 9).test.tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_equal_pictures_and_one_stem_are_one_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(small.write(tmp_path)))
    data = load_grouped()
    names = data.emoji.names["en"]
    assert "keycap one" not in names
    group = dict(zip(names, data.groups.tolist(), strict=True))
    assert group["sun"] == group["moon"]  # the same picture
    assert group["red heart"] == group["blue heart"]
    assert len(set(group.values())) == len(names) - 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("red heart", "heart"),
        ("family: man, boy", "family"),
        ("three o’clock", "three oclock"),
        ("woman", "woman"),
        ("Woman running: facing right", "running"),
    ],
)
def test_stems(name: str, expected: str) -> None:
    assert stem(name) == expected


def test_flags_and_keycaps_are_no_pictures() -> None:
    assert is_picture("😀") and is_picture("🏁")
    assert not is_picture("1\u20e3") and not is_picture("🔟")
    assert not is_picture("\U0001f1e8\U0001f1f3")
    assert not is_picture("\U0001f3f4\U000e0067\U000e007f")


def test_a_share_of_the_groups_takes_whole_groups() -> None:
    groups = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3, 4])
    rows = torch.arange(8)  # all but group 4
    kept = share_of_groups(groups, rows, 0.5, seed=0)
    assert len(kept) == 4 and len(groups[kept].unique()) == 2
    assert share_of_groups(groups, rows, 1.0, seed=0).tolist() == rows.tolist()


def test_pieces_of_words_and_of_chinese() -> None:
    assert pieces("Red") == ["<red>", "<re", "red", "ed>", "<red", "red>"]
    assert pieces("an OK") == ["<an>", "<an", "an>", *pieces("ok")]
    assert pieces("太阳能 A") == ["太", "阳", "能", "太阳", "阳能", "<a>"]


def test_no_phrase_stands_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(small.write(tmp_path)))
    emoji = load_grouped().emoji
    assert phrases(emoji, "en")[0] == ("sun", "bright", "sky")
    assert phrases(emoji, "zh")[0] == ("太阳", "天空")

"""Joined digits: what is said is where it is said to be, by one speaker."""

import pytest
import torch
from torch import Generator

from mmbook.datasets.digits.strings import (
    StringConfig,
    chosen,
    draw_strings,
    joined,
    singles,
    trimmed,
)
from mmbook.datasets.digits.takes import Takes, synthetic_takes
from mmbook.datasets.real.fsdd import RATE, WORDS


def takes() -> Takes:
    """Two speakers of two digits each: tones of as many hertz as nobody else has."""
    time = torch.arange(RATE // 4) / RATE
    clips = [0.1 * torch.sin(6.28 * 200 * (1 + i) * time) for i in range(4)]
    return Takes(clips, torch.tensor([1, 2, 1, 2]), ["a", "a", "b", "b"], torch.zeros(4).long())


def test_words_are_where_it_says_and_pauses_between() -> None:
    config = StringConfig(gap=(0.1, 0.2), snr_db=(60, 60))
    found = joined(takes(), [[0, 1, 0], [2]], ["a", "b"], Generator().manual_seed(0), config)
    assert found.texts == ("one two one", "one") and found.speakers == ("a", "b")
    for row, places in enumerate(found.places):
        wave = found.waveforms.values[row, : found.waveforms.lengths[row]]
        assert wave.square().mean().sqrt().item() == pytest.approx(0.1, rel=1e-4)
        before = 0.0
        for start, stop in places:
            assert stop - start == pytest.approx(0.25, abs=1e-3) and start - before >= 0.05
            inside = wave[round(start * RATE) : round(stop * RATE)]
            quiet = wave[round(before * RATE) : round(start * RATE)]
            assert inside.square().mean() > 1000 * quiet.square().mean()
            before = stop


def test_a_string_is_of_one_speaker_and_within_the_numbers() -> None:
    config = StringConfig(digits=(2, 3), speed=(0.8, 1.25))
    found = draw_strings(takes(), 40, Generator().manual_seed(0), config)
    assert {len(text.split()) for text in found.texts} == {2, 3}
    assert set(found.speakers) == {"a", "b"} and len(found) == 40
    lengths = [stop - start for places in found.places for start, stop in places]
    assert 0.19 < min(lengths) < 0.22 and 0.28 < max(lengths) < 0.32
    again = draw_strings(takes(), 40, Generator().manual_seed(0), config)
    assert torch.equal(found.waveforms.values, again.waveforms.values)


def test_every_take_alone() -> None:
    found = singles(takes(), Generator().manual_seed(0))
    assert found.texts == ("one", "two", "one", "two")


def test_trimming_keeps_the_words_and_choosing_keeps_them_together() -> None:
    some = synthetic_takes(1)
    cut = trimmed(some)
    assert all(len(a) <= len(b) for a, b in zip(cut.clips, some.clips, strict=True))
    rows = cut.labels == 7
    part = chosen(cut, rows)
    assert set(part.labels.tolist()) == {7} and len(part.clips) == int(rows.sum())
    assert set(singles(part, Generator().manual_seed(0)).texts) == {WORDS[7]}


@pytest.mark.parametrize(
    "wrong", [{"digits": (0, 3)}, {"gap": (0.3, 0.1)}, {"speed": (0, 1)}, {"edge": (-1, 0)}]
)
def test_ranges_that_are_none_are_refused(wrong: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be two numbers"):
        StringConfig(**wrong)  # type: ignore[arg-type]


def test_nothing_to_join_is_refused() -> None:
    none = chosen(takes(), torch.zeros(4, dtype=torch.bool))
    with pytest.raises(ValueError, match="no takes"):
        draw_strings(none, 1, Generator())

"""Edits against NLTK's, and rates against jiwer's."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.distance import edit_distance as nltk_distance

from mmbook.evaluation.edits import edit_distance, error_rate, word_error_rate

TEXT = st.text("ab ", max_size=8)


@given(TEXT, TEXT)
def test_edits_are_those_of_nltk(one: str, other: str) -> None:
    assert edit_distance(one, other) == nltk_distance(one, other)
    assert edit_distance(one.split(), other.split()) == nltk_distance(one.split(), other.split())


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_the_rate_is_that_of_jiwer(pairs: list[tuple[str, str]]) -> None:
    said = [(f"a {one}", other) for one, other in pairs]  # jiwer takes no empty reference
    said = [(" ".join(one.split()), " ".join(other.split())) for one, other in said]  # as it reads
    right, found = map(list, zip(*said, strict=True))
    assert word_error_rate(right, found) == pytest.approx(jiwer.wer(right, found))
    assert error_rate(right, found) == pytest.approx(jiwer.cer(right, found))


def test_rates_are_over_all_that_was_said() -> None:
    assert word_error_rate(["one two three", "four"], ["one three", "five"]) == 2 / 4
    assert word_error_rate(["one"], ["two three four"]) == 3
    assert error_rate(["seven"], ["sevven"]) == 1 / 5


def test_what_has_no_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="1 references need as many"):
        error_rate(["a"], [])
    with pytest.raises(ValueError, match="nothing was said"):
        word_error_rate([" "], ["one"])

"""The words of captions, how many captions differ, and what cannot be scored."""

from functools import partial

import pytest

from mmbook.evaluation.captions.bleu import Bleu
from mmbook.evaluation.captions.chrf import Chrf
from mmbook.evaluation.captions.cider import Cider
from mmbook.evaluation.captions.words import caption_words, distinct

METRICS = {"bleu": Bleu, "bleu-1": partial(Bleu, order=1), "cider": Cider}


def test_captions_are_compared_without_case_and_punctuation() -> None:
    assert caption_words('A T-shirt, "RED"; it doesn\'t fit .') == [
        *("a", "t-shirt", "red", "it", "does", "n't", "fit")
    ]
    assert caption_words("两只ＤＯＧ，在 3.5米 的雪地上！", "zh") == [
        *("两", "只", "dog", "在", "3.5", "米", "的", "雪", "地", "上")
    ]
    assert caption_words(" ... ") == caption_words("。", "zh") == []


def test_no_words_of_other_languages_and_of_what_is_no_text() -> None:
    with pytest.raises(ValueError, match="language must be one of en, zh, not 'de'"):
        caption_words("Ein Hund", "de")
    with pytest.raises(ValueError, match="text must be a str, not list"):
        caption_words(["a", "dog"])


def test_the_share_of_captions_that_differ() -> None:
    assert distinct(["a dog", "a cat", "a dog", "a  dog"]) == 0.75
    assert distinct([["a", "dog"], ["a", "dog"], ("a", "dog")]) == 1 / 3
    assert distinct([[], []]) == 0.5
    for nothing in ([], "a dog", None):
        with pytest.raises(ValueError, match="captions must be a list of one or more, not"):
            distinct(nothing)


FINE = [[["a", "dog"], ["the", "dog"]], [["a", "cat"]]]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("references", "message"),
    [
        ([], "references must be a list of pictures, each a list of captions"),
        (None, "references must be a list of pictures"),
        ("a dog", "references must be a list of pictures"),
        ([FINE[0], []], r"references\[1\] must be a list of captions, not \[\]"),
        ([FINE[0], "a cat"], r"references\[1\] must be a list of captions, not 'a cat'"),
        ([["a", "dog"], ["a", "cat"]], r"references\[0\]\[0\] must be a list of texts, not one s"),
        ([FINE[0], [["a", 7]]], r"references\[1\]\[0\] must hold texts, but number 1 is int"),
        ([FINE[0], [["a"], []]], r"references\[1\]\[1\] is empty: leave it out"),
    ],
)
def test_no_references_of_other_kinds(metric: str, references: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        METRICS[metric](references)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("candidates", "message"),
    [
        ([["a", "dog"]], "candidates must be 2 captions, one a picture, not 1"),
        ([["a", "dog"]] * 3, "candidates must be 2 captions, one a picture, not 3"),
        ("ab", "candidates must be 2 captions, one a picture, not str"),
        (["a dog", "a cat"], r"candidates\[0\] must be a list of texts, not one str"),
        ([["a"], [7]], r"candidates\[1\] must hold texts, but number 0 is int"),
    ],
)
def test_no_candidates_of_other_kinds(metric: str, candidates: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        METRICS[metric](FINE)(candidates)


def test_characters_are_counted_in_texts_only() -> None:
    texts = [["a dog", "the dog"], ["a cat"]]
    for references, message in (
        ([], "references must be a list of pictures"),
        (["a dog", "a cat"], r"references\[0\] must be a list of captions, not 'a dog'"),
        (FINE, r"references\[0\]\[0\] must be a str, not list"),
        ([["a dog"], [" \t"]], r"references\[1\]\[0\] is empty"),
    ):
        with pytest.raises(ValueError, match=message):
            Chrf(references)
    for candidates, message in (
        (["a dog"], "candidates must be 2 captions, one a picture, not 1"),
        ("ab", "candidates must be 2 captions, one a picture, not str"),
        ([["a", "dog"], "a cat"], r"candidates\[0\] must be a str, not list"),
    ):
        with pytest.raises(ValueError, match=message):
            Chrf(texts)(candidates)

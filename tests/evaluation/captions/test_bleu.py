"""BLEU is NLTK's and sacrebleu's, and what it is where nothing matches or nothing is written."""

import math
import warnings
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.translate.bleu_score import corpus_bleu
from sacrebleu.metrics.bleu import BLEU

from mmbook.evaluation.captions.bleu import Bleu, bleu

WEIGHTS = [tuple([1 / n] * n) for n in range(1, 5)]


def captions(least: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from("abc"), min_size=least, max_size=9)


def corpora(least: int) -> st.SearchStrategy[list[tuple[list[str], list[list[str]]]]]:
    references = st.lists(captions(1), min_size=1, max_size=4)
    return st.lists(st.tuples(captions(least), references), min_size=1, max_size=5)


def by_nltk(candidates: list[list[str]], references: list[list[list[str]]]) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that an order has no match
        return corpus_bleu(references, candidates, weights=WEIGHTS)


@given(corpus=corpora(4))
def test_bleu_is_that_of_nltk(corpus: list) -> None:
    candidates, references = map(list, zip(*corpus, strict=True))
    assert bleu(candidates, references) == pytest.approx(by_nltk(candidates, references), abs=1e-12)


@given(corpus=corpora(0))
def test_bleu_is_that_of_sacrebleu(corpus: list) -> None:
    candidates, references = map(list, zip(*corpus, strict=True))
    most = max(map(len, references))
    streams = [
        [" ".join(of_one[n]) if n < len(of_one) else None for of_one in references]
        for n in range(most)
    ]
    expected = [
        BLEU(tokenize="none", smooth_method="none", max_ngram_order=n, force=True)
        .corpus_score([" ".join(words) for words in candidates], streams)
        .score
        for n in range(1, 5)
    ]
    assert [100 * x for x in bleu(candidates, references)] == pytest.approx(expected, abs=1e-9)


# The references and scores of sacrebleu's own tests (test_bleu.py, Apache 2.0), cut at spaces.
REFERENCES = [
    ["The dog bit the man.", "The dog had bit the man."],
    ["It was not unexpected.", "No one was surprised."],
    ["The man bit him first.", "The man had bitten the dog."],
]
CANDIDATES = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]


def test_bleu_is_what_sacrebleu_publishes() -> None:
    references = [[text.split() for text in texts] for texts in REFERENCES]
    found = bleu([text.split() for text in CANDIDATES], references)
    assert 100 * found[3] == pytest.approx(49.1919566, abs=1e-7)
    cut = [[[*text[:-1].split(), "."] for text in texts] for texts in REFERENCES]
    found = bleu([[*text[:-1].split(), "."] for text in CANDIDATES], cut)
    assert 100 * found[3] == pytest.approx(48.530827, abs=1e-6)
    assert bleu([[], [], []], references) == (0, 0, 0, 0)


def test_bleu_by_hand() -> None:
    references = [[list("abcd"), list("aab")], [list("xyz")]]
    found = bleu([list("aaba"), list("xq")], references)
    # Lengths 4 + 2 against 4 + 3; a, a, b and x are there; aa and ab; aab; nothing of four.
    assert found[0] == pytest.approx(math.exp(1 - 7 / 6) * 4 / 6)
    assert found[1] == pytest.approx(math.exp(1 - 7 / 6) * math.sqrt(4 / 6 * 2 / 4))
    assert found[2] == pytest.approx(math.exp(1 - 7 / 6) * (4 / 6 * 2 / 4 * 1 / 2) ** (1 / 3))
    assert found[3] == 0
    assert bleu([list("abc")], [[list("ab"), list("abcd")]])[0] == 1, "3 is held against 2, not 4"


def test_an_order_without_a_match_or_a_run_is_nothing_and_so_are_those_above() -> None:
    assert bleu([list("acb")], [[list("abc")]])[0] == 1
    assert bleu([list("acb")], [[list("abc")]])[1:] == (0, 0, 0)
    assert bleu([["a"], ["b"]], [[["a"]], [["b"]]]) == (1, 0, 0, 0), "no run of two was written"
    assert bleu([["z"]], [[["a"]]]) == bleu([[]], [[["a"]]]) == (0, 0, 0, 0)
    short = bleu([list("abcd"), ["a"]], [[list("abcd")], [["a"]]])
    assert short == (1, 1, 1, 1), "a caption of one word has no runs of two that could be wrong"


def test_an_empty_caption_makes_the_others_too_short() -> None:
    references = [[list("abcdef")], [list("uvwxyz"), list("uvw")]]
    found = bleu([list("abcdef"), []], references)
    assert found == pytest.approx([math.exp(1 - 9 / 6)] * 4)


@given(corpus=corpora(0), order=st.integers(1, 6))
def test_the_score_is_that_of_the_highest_order(corpus: list, order: int) -> None:
    candidates, references = map(list, zip(*corpus, strict=True))
    score = Bleu(references, order)
    found = score.orders(candidates)
    assert len(found) == order and score(candidates) == found[-1]
    assert all(0 <= value <= 1 for value in found)
    assert found[:4] == pytest.approx(bleu(candidates, references)[:order])
    assert Bleu(references, order)([texts[0] for texts in references]) in (0, 1)


def test_no_order_of_other_kinds() -> None:
    for order, message in ((0, "order must be 1 or more, not 0"), (1.5, "order must be a whole")):
        with pytest.raises(ValueError, match=message):
            partial(Bleu, order=order)([[["a"]]])

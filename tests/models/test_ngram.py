"""n-gram models against NLTK, against the definition, and as probability distributions."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.lm.models import InterpolatedLanguageModel
from nltk.lm.smoothing import KneserNey as NltkSmoothing
from nltk.util import everygrams

from mmbook.models import AdditiveSmoothing, KneserNey
from mmbook.models.ngram import continuation_counts, count_ngrams, estimate_discounts
from mmbook.preprocessing.text.characters import TextError

BOS, EOS = 2, 3
WORDS = range(3, 9)  # the end, and five words
SENTENCES = st.lists(
    st.lists(st.integers(4, 8), max_size=6).map(lambda words: [BOS, *words, EOS]),
    min_size=1,
    max_size=8,
)


class WithUniform(NltkSmoothing):
    """NLTK's smoothing, whose single words back off to 1/choices as all longer runs back off."""

    def unigram_score(self, word):
        count, total = self._continuation_counts(word)
        words = [w for w in self.counts.unigrams if self._continuation_counts(w)[0]]
        kept = self.discount * len(words) / len(WORDS)
        return (max(count - self.discount, 0) + kept) / total


@settings(max_examples=25, deadline=None)
@given(sentences=SENTENCES, order=st.integers(2, 4), discount=st.floats(0.1, 0.9))
def test_equals_nltk(sentences, order, discount) -> None:
    ours = KneserNey.fit(sentences, order, len(WORDS), discount)
    theirs = InterpolatedLanguageModel(
        WithUniform, order, params={"order": order, "discount": discount}
    )
    texts = [[str(word) for word in sentence] for sentence in sentences]
    theirs.fit(
        [list(everygrams(text, max_len=order)) for text in texts], [w for t in texts for w in t]
    )
    for sentence in sentences:
        # Shorter histories begin a sentence: NLTK counts how many words come before it, ours not.
        for place in range(order - 1, len(sentence)):
            history = sentence[place - order + 1 : place]
            for word in {4, 8, sentence[place]}:
                expected = theirs.unmasked_score(str(word), tuple(map(str, history)))
                assert ours.probability(word, history) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    sentences=SENTENCES,
    order=st.integers(1, 4),
    discount=st.one_of(st.none(), st.floats(0.1, 0.9)),
    history=st.lists(st.integers(4, 8), max_size=4),
)
def test_is_a_distribution_after_any_history(sentences, order, discount, history) -> None:
    for model in (
        KneserNey.fit(sentences, order, len(WORDS), discount),
        AdditiveSmoothing.fit(sentences, order, 0.1, len(WORDS)),
    ):
        shares = [model.probability(word, [BOS, *history]) for word in WORDS]
        assert min(shares) > 0 and sum(shares) == pytest.approx(1, abs=1e-12)


def test_log_probabilities_follow_each_sentence() -> None:
    train, test = [[2, 4, 5, 3], [2, 4, 6, 3]], [[2, 4, 3], [2, 5, 3]]
    for model in (KneserNey.fit(train, 3, 6), AdditiveSmoothing.fit(train, 2, 1, 6)):
        steps = [(4, [2]), (3, [2, 4]), (5, [2]), (3, [2, 5])]
        expected = [math.log(model.probability(word, history)) for word, history in steps]
        assert model.log_probabilities(test).tolist() == pytest.approx(expected, abs=1e-12)


def test_francisco_is_frequent_but_follows_one_word_only() -> None:
    san, francisco, glasses, reading, dark = range(4, 9)
    often = [[BOS, san, francisco, EOS]] * 9
    various = [[BOS, word, glasses, EOS] for word in (reading, dark)]
    model = KneserNey.fit([*often, *various], 2, len(WORDS), 0.75)
    new = [EOS]  # a context that was never seen, so single words decide
    assert model.probability(glasses, new) > model.probability(francisco, new)
    raw = count_ngrams([*often, *various], 2)
    kinds = continuation_counts(raw[1], raw[0], BOS)
    assert (kinds[(francisco,)], kinds[(glasses,)], raw[0][(francisco,)]) == (1, 2, 9)


def test_laplace_by_hand() -> None:
    model = AdditiveSmoothing.fit([[2, 4, 5, 3], [2, 4, 4, 3]], 2, 1, 6)
    assert model.probability(5, [2, 4]) == pytest.approx((1 + 1) / (3 + 6))
    assert model.probability(8, [7]) == pytest.approx(1 / 6)


def test_discounts_of_chen_and_goodman() -> None:
    counts = [1] * 8 + [2] * 4 + [3] * 2 + [4]
    once = 8 / (8 + 2 * 4)
    expected = (1 - 2 * once * 4 / 8, 2 - 3 * once * 2 / 4, 3 - 4 * once * 1 / 2)
    assert estimate_discounts(counts) == pytest.approx(expected)
    assert estimate_discounts([1, 1, 3]) == (0.5, 0.5, 0.5)


@given(counts=st.lists(st.integers(1, 6), max_size=40))
def test_a_discount_is_never_above_its_count(counts) -> None:
    for size, discount in enumerate(estimate_discounts(counts), 1):
        assert 0 < discount <= size


def test_a_mark_of_beginning_is_context_only() -> None:
    counts = count_ngrams([[2, 4, 3]], 3)
    assert counts == [Counter({(4,): 1, (3,): 1}), Counter({(2, 4): 1, (4, 3): 1}), {(2, 4, 3): 1}]


@pytest.mark.parametrize(
    "wrong", [{"sentences": []}, {"order": 0}, {"choices": 0}, {"discount": 1.0}]
)
def test_bad_settings_are_refused(wrong) -> None:
    right = {"sentences": [[2, 4, 3]], "order": 2, "choices": 6, "discount": None}
    with pytest.raises(ValueError, match="needs sentences, an order"):
        KneserNey.fit(**(right | wrong))


SOME = [[2, 4, 5, 3], [2, 4, 5, 6, 3], [2, 7, 3]]


@pytest.mark.parametrize(
    "model", [KneserNey.fit(SOME, 2, 9), AdditiveSmoothing.fit(SOME, 2, 0.1, 9)]
)
def test_tensors_are_read_as_the_numbers_they_hold(model: KneserNey | AdditiveSmoothing) -> None:
    expected = model.probability(5, [2, 4])
    assert model.probability(torch.tensor(5), torch.tensor([2, 4])) == expected
    assert model.probability(5, [torch.tensor(2), torch.tensor(4)]) == expected
    for word, history in ((5.5, [2]), (5, "24"), (5, [2.5])):
        with pytest.raises(TextError):
            model.probability(word, history)


def test_sentences_of_scalar_tensors_are_counted_as_numbers() -> None:
    scalars = [list(torch.tensor(row)) for row in SOME]
    assert KneserNey.fit(scalars, 2, 9) == KneserNey.fit(SOME, 2, 9)


@pytest.mark.parametrize(
    "order, amount, choices", [(0, 1.0, 9), (2, 0.0, 9), (2, -1.0, 9), (2, 1.0, 0)]
)
def test_smoothing_that_cannot_be_is_refused(order: int, amount: float, choices: int) -> None:
    with pytest.raises(ValueError, match="an amount above 0"):
        AdditiveSmoothing.fit(SOME, order, amount, choices)

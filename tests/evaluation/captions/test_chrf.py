"""chrF is sacrebleu's, of English and of Chinese."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF

from mmbook.evaluation.captions.chrf import chrf

TEXTS = st.text(alphabet="ab 狗", min_size=1, max_size=12).filter(str.strip)
CORPORA = st.lists(
    st.tuples(st.just("") | TEXTS, st.lists(TEXTS, min_size=1, max_size=3)), min_size=1, max_size=5
)

# Texts and scores of sacrebleu's own tests (test_chrf.py, Apache 2.0), which are of chrF3. Of the
# short ones precision and recall are the same, so that it makes no difference.
PUBLISHED = [
    (
        " Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. ",
        "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.",
        0.64130269831561459,
    ),
    (
        " risk assessment must be made of those who are qualified and expertise in the sector - "
        "these are the scientists .",
        "risk assessment has to be undertaken by those who are qualified and expert in that area - "
        "that is the scientists .",
        0.63361730303214769,
    ),
    ("a", "a", 1.0),
    ("", "reference", 0.0),
    ("a b c", "abc", 1.0),
    ("aa", "ab", 0.25),
    ("abcdefg", "hijklmnop", 0.0),
]


@pytest.mark.parametrize(("candidate", "reference", "expected"), PUBLISHED)
def test_chrf_is_what_sacrebleu_publishes(
    monkeypatch: pytest.MonkeyPatch, candidate: str, reference: str, expected: float
) -> None:
    found = chrf([candidate], [[reference]])
    assert type(found) is float
    assert chrf([candidate] * 3, [[reference]] * 3) == pytest.approx(found)
    assert (found == pytest.approx(expected, abs=1e-12)) == (len(candidate) < 9)
    monkeypatch.setattr("mmbook.evaluation.captions.chrf.BETA", 3.0)
    assert chrf([candidate], [[reference]]) == pytest.approx(expected, abs=1e-12)


def test_a_corpus_is_counted_together() -> None:
    assert 100 * chrf(["a", "b"], [["a"], ["c"]]) == pytest.approx(50)


@given(corpus=CORPORA)
def test_chrf_is_that_of_sacrebleu(corpus: list) -> None:
    candidates, references = map(list, zip(*corpus, strict=True))
    streams = [
        [of_one[n] if n < len(of_one) else None for of_one in references]
        for n in range(max(map(len, references)))
    ]
    expected = CHRF().corpus_score(candidates, streams).score
    assert 100 * chrf(candidates, references) == pytest.approx(expected, abs=1e-9)


def plainly(pairs: list[tuple[str, str]]) -> float:
    """chrF2 of a corpus with one reference a candidate, from its definition."""
    shares = []
    for n in range(1, 7):
        both = ours = theirs = 0
        for one, other in pairs:
            runs = [
                Counter(text[k : k + n] for k in range(len(text) - n + 1)) for text in (one, other)
            ]
            both += (runs[0] & runs[1]).total()
            ours += runs[0].total() if runs[1] else 0
            theirs += runs[1].total()
        if ours and theirs:
            shares.append((both / ours, both / theirs))
    if not any(precision for precision, _ in shares):
        return 0.0
    precision, recall = (sum(column) / len(shares) for column in zip(*shares, strict=True))
    return 5 * precision * recall / (4 * precision + recall)


@given(corpus=CORPORA)
def test_of_several_references_the_nearest_counts(corpus: list) -> None:
    def bare(text: str) -> str:
        return "".join(text.split())

    pairs = [
        max(((bare(text), bare(other)) for other in others), key=lambda pair: plainly([pair]))
        for text, others in corpus
    ]
    candidates, references = map(list, zip(*corpus, strict=True))
    assert chrf(candidates, references) == pytest.approx(plainly(pairs), abs=1e-12)


def test_chinese_needs_no_words() -> None:
    near, far = chrf(["一只狗在跑"], [["两只狗在跑"]]), chrf(["一只狗在跑"], [["一个人站着"]])
    assert 0 < far < near < 1
    assert chrf(["一只 狗"], [["一只狗"]]) == 1

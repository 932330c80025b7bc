"""CIDEr-D is the paper's, written as plainly as can be, and pycocoevalcap's where it is there."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocoevalcap.cider.cider import Cider as CocoCider

from mmbook.evaluation.captions.bleu import bleu
from mmbook.evaluation.captions.cider import Cider, cider

CAPTIONS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=8)
CORPORA = st.lists(
    st.tuples(st.just([]) | CAPTIONS, st.lists(CAPTIONS, min_size=1, max_size=4)),
    min_size=2,
    max_size=5,
)


def plainly(candidates: list[list[str]], references: list[list[list[str]]]) -> list[float]:
    """A vector with a place for every n-gram there is, as the paper writes it."""

    def runs(words: list[str], n: int) -> list[str]:
        return [" ".join(words[k : k + n]) for k in range(len(words) - n + 1)]

    scores = np.zeros(len(candidates))
    for n in (1, 2, 3, 4):
        every = [*candidates, *(words for captions in references for words in captions)]
        places = sorted({run for words in every for run in runs(words, n)})

        def vector(words: list[str], n: int = n, places: list[str] = places) -> np.ndarray:
            counts = np.array([runs(words, n).count(run) for run in places], dtype=float)
            having = [sum(any(r in runs(w, n) for w in p) for p in references) for r in places]
            return counts * np.log(len(references) / np.maximum(1, having))

        for i, (candidate, captions) in enumerate(zip(candidates, references, strict=True)):
            for words in captions:
                ours, theirs = vector(candidate), vector(words)
                norm = np.linalg.norm(ours) * np.linalg.norm(theirs)
                far = np.exp(-((len(candidate) - len(words)) ** 2) / (2 * 6.0**2))
                if norm:
                    cosine = np.minimum(ours, theirs) @ theirs / norm
                    scores[i] += 10 * cosine * far / len(captions) / 4
    return scores.tolist()


@given(corpus=CORPORA)
def test_cider_is_what_the_paper_says(corpus: list) -> None:
    candidates, references = map(list, zip(*corpus, strict=True))
    expected = plainly(candidates, references)
    assert Cider(references).scores(candidates) == pytest.approx(expected, abs=1e-9)
    assert cider(candidates, references) == pytest.approx(np.mean(expected), abs=1e-9)


@given(corpus=CORPORA)
def test_cider_is_that_of_pycocoevalcap(corpus: list) -> None:
    candidates, references = map(list, zip(*corpus, strict=True))
    score, scores = CocoCider().compute_score(
        {n: [" ".join(words) for words in captions] for n, captions in enumerate(references)},
        {n: [" ".join(words)] for n, words in enumerate(candidates)},
    )
    assert cider(candidates, references) == pytest.approx(score, abs=1e-9)
    assert Cider(references).scores(candidates) == pytest.approx(scores.tolist(), abs=1e-9)


def test_cider_is_what_aac_metrics_publishes() -> None:
    """The example of the README of aac-metrics (Labbé 2023), which computes as pycocoevalcap."""
    texts = (
        ("a man speaks", "someone speaks"),
        ("rain is falling hard on a surface",),
    )
    references = [[text.split() for text in of_one] for of_one in texts]
    long = "a man is speaking while a bird is chirping in the background"
    references[0].append(long.split())
    candidates = [long.split()[:4], ["rain", "falls"]]
    scores = Cider(references).scores(candidates)
    assert scores == pytest.approx([1.3641, 0.5587], abs=5e-5)
    assert cider(candidates, references) == pytest.approx(0.9614, abs=5e-5)
    assert bleu(candidates, references)[0] == pytest.approx(0.4278, abs=5e-5)


def test_cider_by_hand() -> None:
    references = [[list("ab")], [list("cd")]]
    first, second = Cider(references).scores([["a"], list("cd")])
    assert first == pytest.approx(10 / 4 * math.sqrt(1 / 2) * math.exp(-1 / 72))
    assert second == pytest.approx(10 * 2 / 4), "of runs of three and four there are none"


def test_what_a_reference_says_word_for_word_has_ten() -> None:
    references = [[list("abcd")], [list("efgh")]]
    assert cider([list("abcd"), list("efgh")], references) == pytest.approx(10)
    assert cider([list("efgh"), list("abcd")], references) == 0
    assert cider([[], []], references) == 0


def test_what_all_pictures_have_weighs_nothing_and_what_is_rare_more() -> None:
    references = [[list("xab")], [list("xac")], [list("xde")], [list("xfg")]]
    score = Cider(references)
    assert score([["x"]] * 4) == 0
    common, rare = score.scores([["a"], ["z"], ["z"], ["z"]]), score.scores([["b"], *[["z"]] * 3])
    assert 0 < common[0] < rare[0]
    assert common[1:] == [0, 0, 0]


def test_saying_a_word_again_and_again_does_not_pay() -> None:
    references = [[list("abcde")], [list("fghij")]]
    scores = [Cider(references).scores([["a"] * times, []])[0] for times in (1, 2, 5, 20)]
    assert scores == sorted(scores, reverse=True) and scores[-1] < scores[0] / 10


def test_with_one_picture_nothing_is_rare() -> None:
    with pytest.raises(ValueError, match="CIDEr needs two pictures or more"):
        cider([["a"]], [[["a"]]])

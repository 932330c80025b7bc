"""What captions of Flickr8k score that no model wrote: people, other pictures, one for all."""

from functools import partial

import pytest
import torch
from nltk.translate.bleu_score import corpus_bleu

from mmbook.datasets.real.flickr8k import load_flickr8k_captions
from mmbook.evaluation.captions.baselines import best_constant, human, shuffled
from mmbook.evaluation.captions.bleu import Bleu, bleu
from mmbook.evaluation.captions.cider import Cider, cider
from mmbook.evaluation.captions.words import caption_words

Captions = list[list[list[str]]]
CONSTANT = "a man and a woman in front of a train"  # a caption of the training split
WEIGHTS = [tuple([1 / n] * n) for n in range(1, 5)]


@pytest.fixture(scope="module")
def captions() -> dict[str, Captions]:
    """The words of the captions of the test split, by language."""
    texts = load_flickr8k_captions("test")[1]
    return {
        language: [[caption_words(text, language) for text in row] for row in texts[language]]
        for language in ("en", "zh")
    }


def test_people_are_as_like_as_is_known(captions: dict[str, Captions]) -> None:
    english = captions["en"]
    firsts, others = [row[0] for row in english], [row[1:] for row in english]
    scores = bleu(firsts, others)
    # Known, of the first caption against the other four: 63.7 and 21.0.
    assert 100 * scores[0] == pytest.approx(63.7, abs=0.2)
    assert 100 * scores[3] == pytest.approx(21.0, abs=0.2)
    # Over which of the five is left out it varies, and the first is not the mean.
    assert 100 * human(english, Bleu) == pytest.approx(21.4, abs=0.2)
    assert human(english, Cider) == pytest.approx(0.82, abs=0.02)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_are_above_one_sentence_and_it_is_above_other_pictures(
    captions: dict[str, Captions], language: str
) -> None:
    references = captions[language][:300]
    said = sorted((words for row in references for words in row), key=len)
    candidates = [words for words in said if 6 <= len(words) <= 12][::60]
    firsts, generator = [row[0] for row in references], torch.Generator().manual_seed(0)
    for metric in (partial(Bleu, order=1), Bleu, Cider):
        constant = best_constant(candidates, references, metric)[1]
        others = shuffled(firsts, references, metric, generator)
        print(f"{language}: people {human(references, metric)}, {constant=}, {others=}")
        assert human(references, metric) > 1.15 * constant
        assert constant > 1.2 * others


def test_one_sentence_scores_what_is_known(captions: dict[str, Captions]) -> None:
    english = captions["en"]
    same = [CONSTANT.split()] * len(english)
    found = bleu(same, english)
    assert found == pytest.approx(corpus_bleu(english, same, weights=WEIGHTS), abs=1e-12)
    # Known, of one sentence for all pictures: 48.3 and 7.5.
    assert 100 * found[0] == pytest.approx(48.3, abs=1)
    assert 100 * found[3] == pytest.approx(7.5, abs=1)
    assert cider(same, english) == pytest.approx(0.066, abs=0.002)

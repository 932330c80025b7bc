"""Flickr8k's captions as the experiment on photographs reads and scores them."""

import pytest

from mmbook.datasets.real.flickr8k import load_flickr8k_captions
from mmbook.experiments.photo_captioning import TIERS
from mmbook.experiments.photo_captioning.measure import Judge, constants, people
from mmbook.experiments.photo_captioning.settings import System
from mmbook.experiments.photo_captioning.texts import BLANK, tokenizer_of, words_of
from mmbook.models.captioning import Language

CONFIG = TIERS["full"]


@pytest.mark.parametrize(("language", "size"), [("en", 2540), ("zh", 0)])
def test_words_that_were_joined_are_cut_as_before(language: Language, size: int) -> None:
    _, captions = load_flickr8k_captions("train", languages=(language,))
    words = words_of(captions[language], language)
    joined = [[BLANK[language].join(sentence) for sentence in texts] for texts in words]
    again = words_of(joined, language)
    sentences = [pair for a, b in zip(words, again, strict=True) for pair in zip(a, b, strict=True)]
    same = sum(first == second for first, second in sentences) / len(sentences)
    assert same > 0.999
    tokenizer = tokenizer_of(System(language), words, CONFIG.fewest, CONFIG.merges).build()
    assert not size or len(tokenizer) == size


def test_one_caption_for_all_and_people_score_as_was_found() -> None:
    known = {}
    for split in ("train", "validation", "test"):
        _, captions = load_flickr8k_captions(split, languages=("en",))
        known[split] = words_of(captions["en"], "en")
    asked = Judge(known["test"])
    found = [*constants(known["train"], known["validation"], asked)]
    by = {(m, where["chosen_by"]): value for m, value, where in found}
    assert by["bleu_1", "bleu_1"] > 0.52
    assert by["bleu_4", "bleu_4"] > 0.08
    human = {metric: value for metric, value, _ in people(known["test"])}
    assert human["bleu_4"] > by["bleu_4", "bleu_4"] and human["cider"] > by["cider", "cider"]

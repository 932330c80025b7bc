"""Text of real sets: NLTK's reference calls, and what byte-pair encoding does on Tatoeba."""

import time

import nltk
import pytest

from mmbook.datasets.real.coco_cc import load_coco_cc
from mmbook.datasets.real.nltk_data import load_nltk
from mmbook.datasets.real.tatoeba import load_tatoeba
from mmbook.datasets.small.captions import load_captions
from mmbook.preprocessing.text.bpe_training import train_bpe
from mmbook.preprocessing.text.sentences import load_punkt, split_sentences
from mmbook.preprocessing.text.words import load_stop_words, split_words

MERGES, PAIRS = 2000, 6600


@pytest.fixture(scope="module")
def tatoeba() -> dict[str, dict[str, tuple[str, ...]]]:
    train = load_tatoeba("train")
    chosen = train[range(0, len(train), len(train) // PAIRS)][:PAIRS].sentences
    return {"train": chosen, "test": load_tatoeba("test").sentences}


def test_words_of_real_captions_are_those_of_nltk() -> None:
    photographs = load_coco_cc("all", size=8).captions["en"]
    captions = [text for texts in photographs for text in texts][:100]
    assert len(captions) == 100
    punkt = load_punkt("english")
    with load_nltk().active():
        reference = [nltk.word_tokenize(caption) for caption in captions]
    assert [split_words(caption, punkt) for caption in captions] == reference


def test_words_of_everyday_paragraphs_are_those_of_nltk(tatoeba) -> None:
    english = tatoeba["test"]["en"][:1000]
    paragraphs = [" ".join(english[i : i + 5]) for i in range(0, len(english), 5)]
    punkt = load_punkt("english")
    with load_nltk().active():
        for text in paragraphs:
            assert split_sentences(text, punkt) == nltk.sent_tokenize(text)
            assert split_words(text, punkt) == nltk.word_tokenize(text)


@pytest.mark.parametrize("language", ["german", "french", "czech", "spanish", "italian"])
def test_punkt_of_other_languages(language: str) -> None:
    text = "Das ist z.B. Dr. Lin. Elle part. Ella viene. Ecco!"
    with load_nltk().active():
        assert split_sentences(text, load_punkt(language)) == nltk.sent_tokenize(text, language)


def test_our_stop_words_are_mostly_nltks() -> None:
    theirs = load_nltk().stop_words
    for language in ("english", "chinese"):
        ours = load_stop_words(language)
        shared = len(ours & theirs[language]) / len(ours)
        print(f"{language}: {len(ours)} stop words, {shared:.2f} of them are NLTK's too")
        assert shared > 0.5
    assert {"not", "no"} <= theirs["english"]


def test_byte_pairs_of_everyday_sentences(tatoeba) -> None:
    train, test = tatoeba["train"], tatoeba["test"]
    started = time.process_time()
    both = train_bpe([*train["en"], *train["zh"]], MERGES)
    seconds = time.process_time() - started
    english = train_bpe(train["en"], MERGES)
    print(f"{MERGES} merges of {PAIRS} pairs: {seconds:.2f} s")
    assert seconds < 5

    def characters_a_token(encoding, language: str) -> float:
        texts = test[language]
        ids = [encoding.encode(text) for text in texts]
        assert [encoding.decode(row) for row in ids] == list(texts)
        return sum(map(len, texts)) / sum(map(len, ids))

    assert characters_a_token(both, "en") == pytest.approx(2.9, abs=0.3)
    assert characters_a_token(both, "zh") == pytest.approx(1.07, abs=0.1)
    assert characters_a_token(english, "zh") == pytest.approx(1 / 3, abs=0.03)


def test_the_shipped_captions_are_in_no_real_set(tatoeba) -> None:
    real = {text for texts in load_coco_cc("all", size=8).captions["en"] for text in texts}
    ours = {caption.text for caption in load_captions("english")}
    assert not ours & real

import time
from collections import defaultdict

import nltk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.corpus.reader import WordListCorpusReader
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from nltk.tokenize import NLTKWordTokenizer

from mmbook.paths import data_folder
from mmbook.preprocessing.text.characters import TextError
from mmbook.preprocessing.text.sentences import shipped_punkt, train_punkt
from mmbook.preprocessing.text.words import (
    ENDINGS,
    Lemmatiser,
    drop_stop_words,
    load_stop_words,
    ngrams,
    split_words,
    stem,
)

KINDS = {"noun": "n", "verb": "v", "adjective": "a"}
ENGLISH = st.lists(st.text("abeghinorstuxyz", max_size=9))
LEMMATISER = Lemmatiser.shipped()


@given(st.text())
def test_words_are_nltks_with_the_same_sentences(text):
    tokenizer = NLTKWordTokenizer()
    expected = [
        word for sentence in shipped_punkt().tokenize(text) for word in tokenizer.tokenize(sentence)
    ]
    assert split_words(text) == expected


def test_words_of_the_running_example():
    words = split_words("A girl isn't running. Dr. Lin's dog doesn't care!")
    assert " ".join(words) == "A girl is n't running . Dr. Lin 's dog does n't care !"
    assert split_words("一个女孩在跑步。") == ["一个女孩在跑步。"]


def test_another_splitter_can_be_given():
    punkt = train_punkt("We met Mx. Fox. We like Mx. Wolf. Is Mx. Fox here? Mx. Fox is not. " * 4)
    assert "Mx." in split_words("So Mx. Lin came.", punkt)
    assert "Mx." not in split_words("So Mx. Lin came.", train_punkt("We ran. They sat. " * 9))


@pytest.mark.parametrize(
    "pattern", ["The dog isn't here, is it? ", "'", '"', "a.)", "``", "gonna ", "(", "1,", " "]
)
def test_a_long_text_takes_time_in_proportion(pattern):
    def seconds(repeats: int) -> float:
        started = time.process_time()
        split_words("x" + pattern * repeats + "y")
        return time.process_time() - started

    assert seconds(4000) < 3 * 8 * max(seconds(500), 0.005)


def test_a_sentence_of_100_000_words():
    assert len(split_words("dog " * 100_000)) == 100_000


def test_bad_text_is_refused():
    for bad in ("\ud800", b"dog", None):
        with pytest.raises(TextError):
            split_words(bad)


@pytest.mark.parametrize(("language", "size"), [("english", 171), ("chinese", 124)])
def test_stop_words_are_in_nltks_format(language, size, monkeypatch):
    monkeypatch.setattr(nltk.data, "path", [str(data_folder())])  # what NLTK may read
    words = WordListCorpusReader(str(data_folder() / "stop-words"), [language]).words()
    assert len(words) == len(set(words)) == size
    assert words == sorted(words)
    assert load_stop_words(language) == set(words)
    readme = (data_folder() / "stop-words" / "README.md").read_text(encoding="utf-8")
    assert f"`{language}` ({size} words)" in readme


def test_stop_words_hold_what_the_chapter_says():
    assert {"not", "no", "n't", "left", "right", "of"} <= load_stop_words("english")
    assert {"不", "没有", "左边", "右边"} <= load_stop_words("chinese")
    with pytest.raises(TextError, match="chinese, english"):
        load_stop_words("klingon")


@given(st.lists(st.sampled_from(["The", "dog", "is", "not", "Left", "of", "cat", "狗", "。"])))
def test_stop_words_are_dropped_in_any_case(words):
    kept = drop_stop_words(words, load_stop_words("english"))
    assert kept == [word for word in words if word in ("dog", "cat", "狗", "。")]


@given(ENGLISH)
def test_stems_are_nltks_and_as_many(words):
    assert stem(words) == [nltk.PorterStemmer().stem(word) for word in words]


def test_stems_are_not_words():
    assert stem(["ponies", "pony", "running", "university", "universe"]) == [
        "poni",
        "poni",
        "run",
        "univers",
        "univers",
    ]


@given(st.lists(st.integers()), st.integers(1, 5))
def test_ngrams_are_nltks(items, size):
    assert ngrams(items, size) == list(nltk.ngrams(items, size))


def test_ngrams_need_a_size():
    with pytest.raises(TextError, match="not 0"):
        ngrams("abc", 0)


def reference() -> WordNetCorpusReader:
    """NLTK's Morphy over our words, without WordNet's files."""
    reader = WordNetCorpusReader.__new__(WordNetCorpusReader)
    reader._lemma_pos_offset_map = defaultdict(dict)
    reader._exception_map = {letter: {} for letter in KINDS.values()}
    for kind, letter in KINDS.items():
        for lemma in LEMMATISER.lemmas[kind]:
            reader._lemma_pos_offset_map[lemma][letter] = 0
        reader._exception_map[letter] = {
            form: [lemma] for form, lemma in LEMMATISER.irregular[kind].items()
        }
    return reader


MORPHY = reference()
FORMS = sorted(
    {
        word + ending
        for words in LEMMATISER.lemmas.values()
        for word in words
        for ending in ("", "s", "es", "ed", "ing", "er", "est")
    }
    | {form for forms in LEMMATISER.irregular.values() for form in forms}
)


@given(st.sampled_from(FORMS) | st.text("abeins", max_size=6), st.sampled_from(sorted(KINDS)))
def test_lemmas_are_nltks_with_the_same_list(word, kind):
    found = MORPHY._morphy(word, KINDS[kind])
    assert LEMMATISER(word, kind) == (min(found, key=len) if found else word)


def test_the_rules_are_nltks():
    for kind, letter in KINDS.items():
        assert list(ENDINGS[kind]) == WordNetCorpusReader.MORPHOLOGICAL_SUBSTITUTIONS[letter]


def test_known_lemmas():
    assert [LEMMATISER(word) for word in ("children", "ponies", "dogs", "women", "men")] == [
        "child",
        "ponies",  # no pony in the list, so the word stays
        "dog",
        "woman",
        "man",
    ]
    assert [LEMMATISER(word, "verb") for word in ("ran", "running", "flies", "was", "holds")] == [
        "run",
        "run",
        "fly",
        "be",
        "hold",
    ]
    assert LEMMATISER("better", "adjective") == "good"
    assert LEMMATISER("leaves", "noun") == "leaf"
    assert LEMMATISER("leaves", "verb") == "leave"
    with pytest.raises(TextError, match="adverb"):
        LEMMATISER("soon", "adverb")


def test_the_readme_counts_the_list():
    readme = (data_folder() / "english" / "README.md").read_text(encoding="utf-8")
    assert f"| {sum(map(len, LEMMATISER.lemmas.values()))} words: lemma" in readme


@pytest.mark.parametrize(
    "word",
    [
        *("नमस्ते", "बुद्ध", "שָׁלוֹם", "Cafe\u0301", "3.14", "1,000", "1,000,000.50", "१,०००.५", "٣٫١٤"),
        *("1️⃣", "❤️", "👩‍💻", "👍🏽", "🇨🇳", "🏳️‍🌈", "葛\U000e0100"),
    ],
)
def test_numbers_marks_and_emoji_stay_whole(word):
    assert split_words(f"a {word} b") == ["a", word, "b"]
    assert split_words(f"A {word}.") == ["A", word, "."]


@pytest.mark.parametrize("keycap", ["#️⃣", "*️⃣"])
def test_two_keycaps_are_cut_as_nltk_cuts_them(keycap):
    assert split_words(f"a {keycap} b") == ["a", keycap[0], keycap[1:], "b"]

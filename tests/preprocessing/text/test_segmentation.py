import itertools
import math
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbook.datasets.small.captions import load_captions
from mmbook.preprocessing.text.characters import TextError
from mmbook.preprocessing.text.segmentation import Lexicon, split_characters, word_f1

LEXICON = Lexicon({"研究": 5, "研究生": 3, "生命": 5, "命": 1, "的": 9, "起源": 2, "生": 1})
WAYS = ("forward", "backward", "most_probable")
TEXTS = st.text("研究生命的起源ab")


@given(st.text())
def test_characters_keep_everything_but_space(text):
    assert "".join(split_characters(text)) == "".join(sign for sign in text if not sign.isspace())


def test_characters_of_mixed_text():
    assert split_characters("3个iPhone 12，𠮷野家〇。") == [
        *("3", "个", "iPhone", "12", "，", "𠮷", "野", "家", "〇", "。")
    ]


def test_every_ideograph_stands_alone():
    for code in range(0x3400, 0x323B0):
        name = unicodedata.name(chr(code), "")
        if name.startswith(("CJK UNIFIED", "CJK COMPAT")) and "IDEOGRAPH" in name:
            assert split_characters(chr(code) * 2) == [chr(code)] * 2, name


@given(TEXTS, st.sampled_from(WAYS))
def test_segments_join_to_the_text_and_are_words_or_single(text, way):
    words = getattr(LEXICON, way)(text)
    assert "".join(words) == text
    assert all(word in LEXICON.counts or len(word) == 1 for word in words)


def test_the_textbook_example():
    text = "研究生命的起源"
    assert LEXICON.forward(text) == ["研究生", "命", "的", "起源"]
    assert LEXICON.backward(text) == ["研究", "生命", "的", "起源"]
    assert LEXICON.most_probable(text) == ["研究", "生命", "的", "起源"]


def score(words):
    total = sum(LEXICON.counts.values()) + 1
    return sum(math.log(LEXICON.counts.get(word, 0.5) / total) for word in words)


@given(st.text("研究生命a", max_size=8))
def test_viterbi_finds_what_trying_everything_finds(text):
    every = [
        [text[a:b] for a, b in itertools.pairwise([0, *cuts, len(text)])]
        for size in range(max(1, len(text)))
        for cuts in itertools.combinations(range(1, len(text)), size)
    ]
    allowed = [s for s in every if all(w in LEXICON.counts or len(w) == 1 for w in s)]
    best = max(map(score, allowed), default=0) if text else 0
    assert score(LEXICON.most_probable(text)) == pytest.approx(best)


def test_a_lexicon_of_segmented_captions_cuts_them():
    captions = [caption.words for caption in load_captions("chinese")]
    lexicon = Lexicon.of(captions)
    assert lexicon.counts["女孩"] > 1 and lexicon.longest == 4
    for way in WAYS:
        assert word_f1([getattr(lexicon, way)("".join(c)) for c in captions], captions) > 0.95


SEGMENTED = st.lists(st.lists(st.text("研究生", min_size=1, max_size=3), max_size=5), max_size=4)


@given(SEGMENTED)
def test_f1_is_one_for_equal_and_symmetric(sentences):
    assert word_f1(sentences, sentences) == 1
    single = [list("".join(words)) for words in sentences]
    assert word_f1(single, sentences) == word_f1(sentences, single)
    assert 0 <= word_f1(single, sentences) <= 1


def test_f1_by_hand():
    found, reference = [["研究生", "命", "的"]], [["研究", "生命", "的"]]
    assert word_f1(found, reference) == pytest.approx(2 * 1 / 6)
    with pytest.raises(TextError, match="sentence 0 differs"):
        word_f1([["a"]], [["b"]])
    with pytest.raises(TextError, match="1 sentences cannot be compared with 0"):
        word_f1([["a"]], [])


@pytest.mark.parametrize("counts", [{}, {"": 1}, {"a": 0}])
def test_a_lexicon_without_words_is_refused(counts):
    with pytest.raises(TextError, match="lexicon"):
        Lexicon(counts)


@pytest.mark.parametrize("way", WAYS)
def test_time_grows_no_faster_than_the_text(way):
    def seconds(repeats: int) -> float:
        started = time.process_time()
        getattr(LEXICON, way)("研究生命的起源x" * repeats)
        return time.process_time() - started

    assert seconds(4000) < 3 * 8 * max(seconds(500), 0.005)
    with pytest.raises(TextError, match="surrogate"):
        getattr(LEXICON, way)("\ud800")

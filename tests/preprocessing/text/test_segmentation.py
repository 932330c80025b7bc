import itertools
import math
import time
import unicodedata

import pytest
import regex
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


WHOLE = {
    "Devanagari": "नमस्ते",
    "Devanagari with a joiner": "क्\u200dष",
    "Tamil": "வணக்கம்",
    "Bengali": "বাংলা",
    "Thai": "สวัสดี",
    "Hebrew with vowels": "שָׁלוֹם",
    "Arabic with vowels": "مَرْحَبًا",
    "Persian with a non-joiner": "می\u200cخواهم",
    "Latin, decomposed": "Cafe\u0301",
    "Vietnamese, decomposed": unicodedata.normalize("NFD", "tiếng"),
    "a Korean word, decomposed": unicodedata.normalize("NFD", "안녕"),
    "kana with a mark": "か\u3099",
    "a Han character with its variant": "葛\U000e0100",
    "a decimal": "3.14",
    "thousands": "1,000,000.50",
    "Swiss thousands": "1'000",
    "an Arabic decimal": "٣٫١٤",
    "Arabic thousands": "١٬٠٠٠",
    "a wide decimal": "３．１４",
    "Devanagari digits": "१,०००.५",
    "a version": "1.2.3",
    "a contraction": "don't",
    "a contraction with a typographic sign": "isn’t",
    "a name": "snake_case",
    "letters and digits": "iPhone12",
    "a keycap": "1️⃣",
    "a keycap of *": "*️⃣",
    "a heart": "❤️",
    "a joined emoji": "👩‍💻",
    "a family": "👨‍👩‍👧‍👦",
    "a skin tone": "👍🏽",
    "a flag": "🇨🇳",
    "a flag of tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a flag of a rainbow": "🏳️‍🌈",
}


@pytest.mark.parametrize("name", WHOLE)
def test_words_numbers_and_emoji_stay_whole(name):
    assert split_characters(WHOLE[name]) == [WHOLE[name]]
    assert split_characters(f"他说{WHOLE[name]}。") == ["他", "说", WHOLE[name], "。"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("3.", ["3", "."]),
        (".5", [".", "5"]),
        ("1,", ["1", ","]),
        ("1, 2", ["1", ",", "2"]),
        ("1，000", ["1", "，", "000"]),  # the wide comma parts
        ("3..5", ["3", ".", ".", "5"]),
        ("a.b", ["a", ".", "b"]),
        ("'a'", ["'", "a", "'"]),
        ("说'好'", ["说", "'", "好", "'"]),
        ("I'是", ["I", "'", "是"]),
        ("1️⃣2️⃣a3️⃣", ["1️⃣", "2️⃣", "a", "3️⃣"]),
        ("🇨🇳🇩🇪", ["🇨🇳", "🇩🇪"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("आप कैसे हैं?", ["आप", "कैसे", "हैं", "?"]),
        ("々", ["々"]),
        ("\u0301 a", ["\u0301", "a"]),
        (" \u0301", ["\u0301"]),
        ("\u0600 1", ["\u0600", "1"]),
    ],
)
def test_what_parts_and_what_does_not(text, pieces):
    assert split_characters(text) == pieces


@given(st.text("a1.,'’❤️‍👩💻🏽🇨🇳\u20e3\u0301\u200c्न 好。\u0600\u0d4e\n"))
def test_signs_are_never_cut(text):
    pieces = split_characters(text)
    assert "".join(pieces) == "".join(text.split())
    whole = [*regex.findall(r"\X", text)]
    cuts = set(itertools.accumulate(map(len, whole), initial=0))
    place = 0
    for piece in pieces:
        place = text.index(piece, place)
        after = text[place : place + len(piece)]
        if not regex.match(r"\s", text[place - 1 : place]) and place not in cuts:
            assert regex.search(r"\p{GCB=Prepend}", text), (text, piece)
        place += len(after)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sign", [s for n, s in WHOLE.items() if "emoji" in n or "flag" in n])
def test_an_emoji_is_one_segment(way, sign):
    assert getattr(LEXICON, way)(f"研究{sign}生命{sign}") == ["研究", sign, "生命", sign]


@pytest.mark.parametrize("way", WAYS)
def test_a_letter_keeps_its_marks(way):
    assert getattr(LEXICON, way)("ने研究e\u0301") == ["ने", "研究", "e\u0301"]
    assert getattr(LEXICON, way)("研究\u0301") == ["研", "究\u0301"]


@given(st.text(), st.sampled_from(WAYS))
def test_segments_of_any_text_join_to_it(text, way):
    assert "".join(getattr(LEXICON, way)(text)) == text


@pytest.mark.parametrize(
    "pattern", ["a", "1,", "1.", "'", "a'", "e\u0301", "👩\u200d", "🇨🇳", "1️⃣", "\u0600", "好", " "]
)
def test_pieces_take_time_in_proportion(pattern):
    def seconds(repeats: int) -> float:
        started = time.process_time()
        split_characters(pattern * repeats)
        return time.process_time() - started

    assert seconds(16_000) < 3 * 8 * max(seconds(2000), 0.005)

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbook.preprocessing.text.characters import TextError
from mmbook.preprocessing.text.normalisation import (
    drop_punctuation,
    fold_case,
    is_punctuation,
    normalise,
    to_half_width,
)

FORMS = ("NFC", "NFD", "NFKC", "NFKD")
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))


@given(st.text(), st.sampled_from(FORMS))
def test_a_normal_form_is_normal_and_stays(text, form):
    once = normalise(text, form)
    assert unicodedata.is_normalized(form, once)
    assert normalise(once, form) == once


@given(st.text())
def test_canonical_forms_lose_nothing_to_each_other(text):
    assert normalise(normalise(text, "NFD"), "NFC") == normalise(text, "NFC")
    assert normalise(normalise(text, "NFC"), "NFD") == normalise(text, "NFD")


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("NFC", "e\u0301", "é"),
        ("NFD", "é", "e\u0301"),
        ("NFC", "ＡＢＣ１２３ ﬁ ²", "ＡＢＣ１２３ ﬁ ²"),
        ("NFKC", "ＡＢＣ１２３ ﬁ ²", "ABC123 fi 2"),
        ("NFC", "一个女孩在跑步。", "一个女孩在跑步。"),
    ],
)
def test_known_forms(form, text, expected):
    assert normalise(text, form) == expected


@given(ASCII)
def test_wide_ascii_becomes_ascii(text):
    wide = "".join("\u3000" if sign == " " else chr(ord(sign) + 0xFEE0) for sign in text)
    assert to_half_width(wide) == text


@given(st.text())
def test_half_width_is_nfkc_where_it_changes_anything(text):
    for before, after in zip(text, to_half_width(text), strict=True):
        assert after in (before, unicodedata.normalize("NFKC", before))
    assert to_half_width(to_half_width(text)) == to_half_width(text)


def test_half_width_keeps_chinese_punctuation():
    assert to_half_width("ＡＢＣ１２３！　女孩。《书》") == "ABC123! 女孩。《书》"


@given(st.text())
def test_folded_text_stays_and_knows_no_case(text):
    folded = fold_case(text)
    assert fold_case(folded) == folded
    assert fold_case(normalise(text, "NFD")) == folded


def test_folding_equals_unicodes_simple_rule_for_every_single_letter():
    for code in range(sys.maxunicode + 1):
        sign = chr(code)
        if sign.isalpha():
            assert fold_case(sign) == fold_case(sign.lower()), hex(code)


def test_known_foldings():
    assert fold_case("Straße") == fold_case("STRASSE") == "strasse"
    assert fold_case("ΣΑΣ") == fold_case("σας")


@given(st.lists(st.text()))
def test_what_remains_is_not_punctuation(words):
    kept = drop_punctuation(words)
    assert not any(map(is_punctuation, kept))
    assert [w for w in words if not is_punctuation(w)] == kept


def test_punctuation_in_both_languages():
    assert drop_punctuation(["n't", "...", "，", "狗", "。", "$", "3.5", "”", ""]) == [
        "n't",
        "狗",
        "3.5",
        "",
    ]


def test_bad_text_is_refused():
    with pytest.raises(TextError, match="NFC, NFD, NFKC, NFKD"):
        normalise("a", "NFX")
    for function in (normalise, to_half_width, fold_case):
        with pytest.raises(TextError, match="surrogate"):
            function("\udc00")
        with pytest.raises(TextError, match="bytes"):
            function(b"a")


EMOJI = {
    "one code point": "❤",
    "with its selector": "❤️",
    "joined": "👩‍💻",
    "a family": "👨‍👩‍👧‍👦",
    "joined, with a selector": "🏳️‍🌈",
    "a skin tone": "👍🏽",
    "joined, with a skin tone": "🧑🏿‍🚀",
    "a flag": "🇨🇳",
    "a flag of tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a keycap": "1️⃣",
    "a keycap without its selector": "7⃣",
    "a keycap of #": "#️⃣",
    "a letter by its category": "ℹ️",
    "the same without its selector": "ℹ",
    "a letter in a square": "🅰️",
    "a word in a circle": "㊗️",
    "a sign of trade": "™️",
    "marks of exclamation": "‼️",
    "two of them": "👍🏽❤️",
}


@pytest.mark.parametrize("name", EMOJI)
def test_emoji_are_symbols_however_many_code_points_they_have(name):
    assert is_punctuation(EMOJI[name])
    assert drop_punctuation(["a", EMOJI[name], f"{EMOJI[name]}a"]) == ["a", f"{EMOJI[name]}a"]


@pytest.mark.parametrize(
    "word", ["1", "12", "#1", "a", "狗", "नमस्ते", "e\u0301", "\u0301", "\u200d", "1️", "²", "①", ""]
)
def test_letters_digits_and_marks_alone_are_no_punctuation(word):
    assert not is_punctuation(word)


def test_a_mark_on_punctuation_leaves_it_punctuation():
    assert is_punctuation("!\u0301") and is_punctuation("—")


@given(st.text(st.characters(exclude_categories=["M", "Cf", "Cs"]), max_size=4))
def test_without_marks_and_joiners_categories_alone_decide(word):
    word = word.replace("ℹ", "")  # the one emoji that is a letter
    alone = bool(word) and all(unicodedata.category(sign)[0] in "PS" for sign in word)
    if not any(unicodedata.category(sign) == "Cn" for sign in word):
        assert is_punctuation(word) == alone

"""Different writings of one text made equal: Unicode forms, width, case, punctuation."""

import unicodedata
from collections.abc import Sequence
from typing import Literal, get_args

import regex

from mmbook.preprocessing.text.characters import GRAPHEME, TextError, checked_text, checked_words

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

# The first code point of what a reader sees as one character decides, but for keycaps, which begin
# with a digit, # or *, or with nothing where NLTK cut that off.
_PUNCTUATION = regex.compile(
    r"(?:[0-9#*]?\uFE0F?\u20E3|(?=[\p{P}\p{S}\p{Extended_Pictographic}])" + GRAPHEME + ")+"
)
_WIDE_SPACE = 0x3000
# The full-width signs ！ to ～ stand 0xFEE0 places behind the signs ! to ~ of ASCII.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {_WIDE_SPACE: 0x20}


def normalise(text: str, form: Form = "NFC") -> str:
    """Write each character in one of Unicode's four normal forms (UAX 15).

    NFC joins letters with their accents and NFD parts them: both keep what a reader sees. NFKC and
    NFKD also replace ２ or ² by 2 and ﬁ by fi, which loses a difference. Raises TextError.
    """
    if form not in get_args(Form):
        raise TextError(f"form must be one of {', '.join(get_args(Form))}, not {form!r}")
    return unicodedata.normalize(form, checked_text(text))


def to_half_width(text: str) -> str:
    """Replace full-width signs, as ＡＢＣ１２３！ and the wide space, by ASCII.

    Chinese punctuation without an ASCII twin (。、《》) stays.
    """
    return checked_text(text).translate(_HALF_WIDTH)


def fold_case(text: str) -> str:
    """Remove differences of case, also beyond ASCII (ß and SS become ss); the result is in NFC.

    Unicode's canonical caseless form: folding may undo the normal form, so it is made anew.
    """
    return normalise(normalise(normalise(text, "NFD").casefold(), "NFD").casefold())


def is_punctuation(word: str) -> bool:
    """Whether a word consists of punctuation and symbols alone (Unicode's categories P and S).

    Emoji are symbols, with all of their code points: ❤, ❤️, 👍🏽, 👩‍💻, 🇨🇳, 1️⃣ and ℹ️ are alike.
    """
    return _PUNCTUATION.fullmatch(checked_text(word, "word")) is not None


def drop_punctuation(words: Sequence[str]) -> list[str]:
    """The words that hold a letter, a digit or another sign that is not punctuation."""
    return [word for word in checked_words(words) if not is_punctuation(word)]

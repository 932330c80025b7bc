"""Texts become sentences: where a full stop ends one and where it does not."""

import unicodedata
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer, PunktTrainer

from mmbook.paths import data_folder, real_data_folder
from mmbook.preprocessing.text.characters import TextError, checked_text, read_lines

_CHINESE_ENDS = frozenset("。｡！？…‥⋯‼⁇⁈⁉")
# Quotation marks that open as well as close, and what must be open for them to close: "so", but
# also „so“ and »so«.
_OPENERS = {'"': '"', "'": "'", "＂": "＂", "＇": "＇", "“": "„", "‘": "‚", "«": "»", "»": "«"}
_OPENERS |= {"‹": "›", "›": "‹", "❞": "❝", "❜": "❛"}


def train_punkt(text: str) -> PunktSentenceTokenizer:
    """Learn from plain text, without labels, which words end in a full stop of their own.

    Kiss and Strunk (2006). Raises TextError where the text has no words.
    """
    trainer = PunktTrainer()
    trainer.train(checked_text(text), finalize=False)
    try:
        trainer.finalize_training()
    except (ValueError, ZeroDivisionError) as error:
        raise TextError("training needs text with words and full stops") from error
    return PunktSentenceTokenizer(trainer.get_params())


@cache
def shipped_punkt() -> PunktSentenceTokenizer:
    """The English splitter that is trained, in milliseconds, on the story that ships."""
    return train_punkt("\n".join(read_lines(data_folder() / "english" / "sentences.txt")))


def load_punkt(language: str = "english", folder: Path | None = None) -> PunktSentenceTokenizer:
    """NLTK's own trained splitter for a language, from its data package `punkt_tab`.

    folder: of NLTK's data; by default `nltk_data` in the folder of real data. Raises TextError that
    names the command where the language is not there, or the file that is not as it should be.
    """
    folder = folder or real_data_folder() / "nltk_data"
    place = folder / "tokenizers" / "punkt_tab" / language
    if not place.is_dir():
        raise TextError(
            f"no Punkt model for {language!r} at {place}. Fetch NLTK's with\n"
            f'    python -m nltk.downloader -d "{folder}" punkt_tab\n'
            "or use shipped_punkt(), or train_punkt(text) on a text of the language."
        )
    parameters = PunktParameters()
    try:
        parameters.abbrev_types = set(read_lines(place / "abbrev_types.txt"))
        parameters.sent_starters = set(read_lines(place / "sent_starters.txt"))
        parameters.collocations = {
            (first, second) for first, second in _columns(place / "collocations.tab")
        }
        contexts = {word: int(flags) for word, flags in _columns(place / "ortho_context.tab")}
    except (OSError, ValueError) as error:
        raise TextError(
            f"the Punkt model in {place} is damaged: {error}; fetch it again"
        ) from error
    parameters.ortho_context = defaultdict(int, contexts)
    return PunktSentenceTokenizer(parameters)


def _columns(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in read_lines(path)]


def split_sentences(text: str, punkt: PunktSentenceTokenizer | None = None) -> list[str]:
    """Cut a text into sentences, without the white space between them.

    punkt: a splitter of the text's language; by default the English one that ships.
    """
    return (punkt or shipped_punkt()).tokenize(checked_text(text))


def split_chinese_sentences(text: str) -> list[str]:
    """Cut a text after 。！？…, which end sentences and do nothing else; joined, the text again.

    All closing brackets and quotation marks of Unicode stay with their sentence, several in a row
    too. A straight " closes where an odd number of them came before it in its line. The full stops
    . and ．end no sentence, as they may be points of decimals, nor do ! and ? of ASCII alone.
    """
    sentences, start, has_ended = [], 0, False
    seen: Counter[str] = Counter()  # quotation marks of the line so far
    for place, sign in enumerate(checked_text(text)):
        is_end = sign in _CHINESE_ENDS
        if has_ended and not (is_end or sign in "!?" or _closes(sign, seen)):
            sentences.append(text[start:place])
            start, has_ended = place, False
        has_ended = has_ended or is_end
        if sign == "\n":
            seen.clear()
        elif not _is_apostrophe(text, place):
            seen[sign] += 1
    return [*sentences, text[start:]] if text else []


def _closes(sign: str, seen: Counter[str]) -> bool:
    """Whether a sign behind the end of a sentence belongs to it: it closes or is a mark on one."""
    if (opener := _OPENERS.get(sign)) == sign:
        return seen[sign] % 2 == 1
    if opener is not None:
        return seen[opener] > seen[sign]
    return unicodedata.category(sign) in ("Pe", "Pf", "Mn", "Me")


def _is_apostrophe(text: str, place: int) -> bool:
    """Whether a straight ' stands between two letters of ASCII, as in don't."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return text[place] == "'" and len(around) == 2 and around.isascii() and around.isalpha()

"""Step 1 for text: files become lines, and texts become the numbers of their characters."""

import codecs
import operator
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

import torch
from torch import Tensor

from mmbook.preprocessing.ranges import per_sample
from mmbook.preprocessing.text.special import FIRST, PAD, SPECIAL, UNK

Words = TypeVar("Words", bound=Iterable[Any])

# A pattern for a grapheme cluster (UAX 29), what a reader sees as one character: a code point with
# the marks, selectors and joined images behind it. \X says the same, but of each flag it looks
# through all flags before it, and it takes a space in with a sign that stands before others.
GRAPHEME = (
    r"(?:\p{Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}]*"
    r"|(?!\p{GCB=Prepend}+\s)\X)"
)


class TextError(ValueError):
    """A sentence that cannot be used; the message says which, why, and what would be right."""


_LINE_END = re.compile(rb"\r\n|\n|\r")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def read_lines(path: Path) -> list[str]:
    """Read a text file as UTF-8 lines without their ends, with or without a byte order mark.

    Lines end with LF, CR LF or CR, also mixed; an empty last line is none. Nothing is guessed:
    raises TextError that names the line where bytes are not UTF-8 or are zero (as in UTF-16).
    """
    content = path.read_bytes()
    if content.startswith(_WIDE_MARKS):
        raise TextError(f"{path} begins with a mark of UTF-16 or UTF-32: save it as UTF-8")
    rows = _LINE_END.split(content.removeprefix(codecs.BOM_UTF8))
    if not rows[-1]:
        rows.pop()
    return [_decoded(row, f"{path}, line {number}") for number, row in enumerate(rows, 1)]


def _decoded(row: bytes, place: str) -> str:
    if 0 in row:
        raise TextError(f"{place}: holds a zero byte, so it is not UTF-8 text: save it as UTF-8")
    try:
        return row.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = row[error.start : error.start + 4].hex(" ")
        raise TextError(
            f"{place}, byte {error.start + 1}: {bad} is not UTF-8 ({error.reason}): "
            "convert the file to UTF-8"
        ) from error


def checked_text(text: str, name: str = "text") -> str:
    """Return the text, or raise TextError where it is no str or has a lone surrogate.

    A lone surrogate (U+D800 to U+DFFF) is half of a character; no UTF-8 exists for it.
    """
    if not isinstance(text, str):
        raise TextError(f"{name} must be a str, not {type(text).__name__}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TextError(
            f"{name} has the lone surrogate U+{ord(text[error.start]):04X} at character "
            f"{error.start}: half a character cannot be written as UTF-8"
        ) from error
    return text


def checked_words(words: Words, name: str = "words") -> Words:
    """Return the words, or raise TextError where they are one text and not a list of texts.

    A str is a sequence of strings too, its letters, so nothing else would notice. Generators are
    returned unread: what they yield is not looked at.
    """
    if isinstance(words, str | bytes) or not isinstance(words, Iterable):
        raise TextError(f"{name} must be a list of texts, not one {type(words).__name__}")
    for place, word in enumerate(words if isinstance(words, Collection) else ()):
        if not isinstance(word, str):
            raise TextError(f"{name} must hold texts, but number {place} is {type(word).__name__}")
    return words


def checked_sentences(sentences: Iterable[Words], name: str = "sentences") -> Iterator[Words]:
    """The sentences one by one, each a list of words. Raises TextError where one is a str."""
    if isinstance(sentences, str | bytes) or not isinstance(sentences, Iterable):
        raise TextError(
            f"{name} must be a list of lists of words, not one {type(sentences).__name__}"
        )
    return (checked_words(words, f"{name}[{n}]") for n, words in enumerate(sentences))


def checked_ids(ids: Any, size: int, name: str = "ids") -> Iterator[int]:
    """Ids one by one as int. Raises TextError where one is no whole number in [0, size)."""
    ids = ids.tolist() if isinstance(ids, Tensor) else ids
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise TextError(f"{name} must be a list of whole numbers, not {type(ids).__name__}")
    for number in ids:
        try:
            index = operator.index(number)
        except TypeError as error:
            raise TextError(f"{name} must be whole numbers, not {number!r}") from error
        if not 0 <= index < size:
            raise TextError(f"{name} must lie in 0..{size - 1}, got {number}")
        yield index


@dataclass(frozen=True)
class CharacterTokenizer:
    """A token for each character: ids 0 to 3 are special, 4 is the first character.

    characters: every known character once, in the order of their ids. A character is one code
    point: "é" may be two, and an emoji of several has an id for each. Raises TextError.
    """

    characters: str
    special = SPECIAL  # without a type, so that it is no field

    def __post_init__(self) -> None:
        checked_text(self.characters, "characters")
        if len(self._ids) != len(self.characters):
            raise TextError(f"each character may occur once only, got {self.characters!r}")

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """The tokenizer of all characters in the texts, in sorted order."""
        return cls("".join(sorted(set("".join(checked_words(texts, "texts"))))))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {character: index for index, character in enumerate(self.characters, FIRST)}

    def __len__(self) -> int:
        """How many ids there are, special tokens included."""
        return len(self.characters) + FIRST

    def encode(self, text: str) -> list[int]:
        """The ids of the characters of a text, UNK for one that is not known."""
        return [self._ids.get(character, UNK) for character in checked_text(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids: an unknown character becomes "□", any other special token nothing.

        Raises TextError where an id is not of this vocabulary.
        """
        signs = ["", "□", "", "", *self.characters]
        return "".join(signs[index] for index in checked_ids(ids, len(self)))


def mask_characters(ids: Tensor, probability: float | Tensor, generator: torch.Generator) -> Tensor:
    """Replace each real character by UNK, independently.

    ids: (n, length). probability: of a replacement, scalar or (n,). Padding stays padding.
    """
    return torch.where(_chosen(ids, probability, generator), UNK, ids)


def add_typos(
    ids: Tensor, probability: float | Tensor, generator: torch.Generator, vocabulary_size: int
) -> Tensor:
    """Replace each known character by another one at random, independently.

    ids: (n, length). probability: of a replacement, scalar or (n,). Special tokens stay.
    vocabulary_size: `len(tokenizer)`, at least 6, so that another character exists.
    """
    real = vocabulary_size - FIRST
    if real < 2:
        raise TextError(f"typos need two real characters, the vocabulary has {real}")
    step = torch.randint(1, real, ids.shape, generator=generator, device=generator.device)
    drawn = _chosen(ids, probability, generator) & (ids >= FIRST)
    other = (ids.long() - FIRST + step.to(ids.device)) % real + FIRST
    return torch.where(drawn, other, ids)


def _chosen(ids: Tensor, probability: float | Tensor, generator: torch.Generator) -> Tensor:
    """Where a real character is drawn with the given probability, (n, length) bool."""
    if ids.ndim != 2 or ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool:
        raise TextError(f"ids must be whole numbers (n, length), not {ids.dtype} {[*ids.shape]}")
    chance = per_sample(probability, len(ids), "probability", low=0, high=1)[:, None]
    drawn = torch.rand(ids.shape, generator=generator, device=generator.device)
    return (drawn < chance.to(drawn)).to(ids.device) & (ids != PAD)

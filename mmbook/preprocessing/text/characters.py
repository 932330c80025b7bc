"""Step 1 for text: files become lines, and texts become the numbers of their characters."""

import codecs
import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from mmbook.preprocessing.ranges import per_sample
from mmbook.preprocessing.text.special import FIRST, PAD, SPECIAL, UNK

PADDING, UNKNOWN = PAD, UNK  # names that models and decoders still import from here


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


def checked_ids(ids: Iterable[int], size: int) -> list[int]:
    """Return ids as a list, or raise TextError where one is no integer from 0 to size − 1.

    ids: integers, or a tensor (length,) of them.
    """
    try:
        found = [operator.index(index) for index in ids]
    except TypeError as error:
        raise TextError(f"ids must be a row of integers: {error}") from error
    if wrong := [index for index in found if not 0 <= index < size]:
        raise TextError(f"ids must lie in 0..{size - 1}, got {wrong[0]}")
    return found


@dataclass(frozen=True)
class CharacterTokenizer:
    """A token for each character: ids 0 to 3 are special, 4 is the first character.

    characters: every known character once, in the order of their ids. Raises TextError.
    """

    characters: str
    special = SPECIAL  # without a type, so that it is no field

    def __post_init__(self) -> None:
        if len(self._ids) != len(self.characters):
            raise TextError(f"each character may occur once only, got {self.characters!r}")

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """The tokenizer of all characters in the texts, in sorted order."""
        return cls("".join(sorted(set("".join(texts)))))

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
    other = (ids - FIRST + step.to(ids.device)) % real + FIRST
    return torch.where(_chosen(ids, probability, generator) & (ids >= FIRST), other, ids)


def _chosen(ids: Tensor, probability: float | Tensor, generator: torch.Generator) -> Tensor:
    """Where a real character is drawn with the given probability, (n, length) bool."""
    chance = per_sample(probability, len(ids), "probability", low=0, high=1)[:, None]
    drawn = torch.rand(ids.shape, generator=generator, device=generator.device)
    return (drawn < chance.to(drawn)).to(ids.device) & (ids != PAD)

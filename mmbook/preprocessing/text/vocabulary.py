"""Words become numbers, and rows of numbers a rectangle with a mask."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from mmbook.preprocessing.text.characters import (
    PADDING,
    UNKNOWN,
    TextError,
    checked_ids,
    checked_sentences,
    checked_words,
)

BEGIN, END = 2, 3
SPECIAL = ("<padding>", "<unknown>", "<begin>", "<end>")


@dataclass(frozen=True)
class Vocabulary:
    """Numbers for words: 0 padding, 1 unknown, 2 begin, 3 end, then the words from 4 on.

    words: every known word once, in the order of their ids; none may be a special token. The first
    two ids are those of CharacterVocabulary.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        checked_words(self.words)
        if len(self._ids) != len(self.words) or self._ids.keys() & set(SPECIAL):
            twice = [w for w, n in Counter([*SPECIAL, *self.words]).items() if n > 1]
            raise TextError(f"each word may occur once only, but {twice[0]!r} is there twice")

    @classmethod
    def of(
        cls, sentences: Iterable[Sequence[str]], *, fewest: int = 1, size: int | None = None
    ) -> Self:
        """The words of the training sentences, the most frequent first, ties by the alphabet.

        fewest: how often a word must occur. size: of the vocabulary at most, special tokens
        included. Raises TextError where the size has no room for a word, or a sentence is a str.
        """
        if size is not None and size <= len(SPECIAL):
            raise TextError(f"size must be above {len(SPECIAL)}, not {size}")
        counts = Counter(word for words in checked_sentences(sentences) for word in words)
        kept = [word for word, count in counts.items() if count >= fewest and word not in SPECIAL]
        kept.sort(key=lambda word: (-counts[word], word))
        return cls(tuple(kept if size is None else kept[: size - len(SPECIAL)]))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.words, len(SPECIAL))}

    def __len__(self) -> int:
        """How many ids there are, special tokens included."""
        return len(self.words) + len(SPECIAL)

    def encode(self, words: Sequence[str], *, marks: bool = False) -> list[int]:
        """The ids of a sentence; with marks, between begin and end. Raises TextError for a str."""
        ids = [self._ids.get(word, UNKNOWN) for word in checked_words(words)]
        return [BEGIN, *ids, END] if marks else ids

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words of ids: padding, begin and end become nothing, an unknown word "<unknown>".

        Raises TextError where an id is not of this vocabulary.
        """
        signs = (*SPECIAL, *self.words)
        known = checked_ids(ids, len(self))
        return [signs[index] for index in known if index not in (PADDING, BEGIN, END)]


def unknown_rate(sentences: Iterable[Sequence[str]], vocabulary: Vocabulary) -> float:
    """The share of running words that the vocabulary does not know; 0 where there is none.

    Raises TextError where a sentence is a str.
    """
    ids = [index for words in checked_sentences(sentences) for index in vocabulary.encode(words)]
    return ids.count(UNKNOWN) / len(ids) if ids else 0.0


def pad(rows: Sequence[Sequence[int]], length: int | None = None) -> tuple[Tensor, Tensor]:
    """Rows of ids as one rectangle, filled up with padding on the right, and its mask.

    length: of the rectangle, by default that of the longest row. Returns ids (n, length) int64 and
    mask (n, length) bool, true where an id is real. Raises TextError where a row is too long, or
    holds something else than whole numbers from 0 up.
    """
    if isinstance(rows, str | bytes):
        raise TextError("rows must be a list of lists of ids, not one text")
    rows = [list(checked_ids(row, 2**63, f"rows[{n}]")) for n, row in enumerate(rows)]
    lengths = torch.tensor([len(row) for row in rows], dtype=torch.int64)
    longest = int(lengths.max()) if len(rows) else 0
    width = longest if length is None else length
    if longest > width:
        raise TextError(f"row {int(lengths.argmax())} has {longest} ids, but only {width} fit")
    mask = torch.arange(width) < lengths[:, None]  # (n, length)
    ids = torch.full(mask.shape, PADDING)
    ids[mask] = torch.tensor([index for row in rows for index in row], dtype=torch.int64)
    return ids, mask

"""Words become numbers, and rows of numbers a rectangle with a mask."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import torch

from mmbook.batch import Padded
from mmbook.preprocessing.text.characters import (
    TextError,
    checked_ids,
    checked_sentences,
    checked_words,
)
from mmbook.preprocessing.text.special import BOS, EOS, FIRST, PAD, SIGNS, UNK


@dataclass(frozen=True)
class Vocabulary:
    """Numbers for words: 0 to 3 are the special tokens of every vocabulary, 4 is the first word.

    words: every known word once, in the order of their ids; none may be the sign of a special
    token, as "<pad>" is. Raises TextError.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        checked_words(self.words)
        if len(self._ids) != len(self.words) or self._ids.keys() & set(SIGNS):
            twice = [w for w, n in Counter([*SIGNS, *self.words]).items() if n > 1]
            raise TextError(f"each word may occur once only, but {twice[0]!r} is there twice")

    @classmethod
    def of(
        cls, sentences: Iterable[Sequence[str]], *, fewest: int = 1, size: int | None = None
    ) -> Self:
        """The words of the training sentences, the most frequent first, ties by the alphabet.

        fewest: how often a word must occur. size: of the vocabulary at most, special tokens
        included. Raises TextError where the size has no room for a word, or a sentence is a str.
        """
        if size is not None and size <= FIRST:
            raise TextError(f"size must be above {FIRST}, not {size}")
        counts = Counter(word for words in checked_sentences(sentences) for word in words)
        kept = [word for word, count in counts.items() if count >= fewest and word not in SIGNS]
        kept.sort(key=lambda word: (-counts[word], word))
        return cls(tuple(kept if size is None else kept[: size - FIRST]))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.words, FIRST)}

    def __len__(self) -> int:
        """How many ids there are, special tokens included."""
        return len(self.words) + FIRST

    def encode(self, words: Sequence[str], *, marks: bool = False) -> list[int]:
        """The ids of a sentence; with marks, between BOS and EOS. Raises TextError for a str."""
        ids = [self._ids.get(word, UNK) for word in checked_words(words)]
        return [BOS, *ids, EOS] if marks else ids

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words of ids: an unknown word is "<unk>", any other special token nothing.

        Raises TextError where an id is not of this vocabulary.
        """
        signs = (*SIGNS, *self.words)
        kept = (index for index in checked_ids(ids, len(self)) if index not in (PAD, BOS, EOS))
        return [signs[index] for index in kept]


def unknown_rate(sentences: Iterable[Sequence[str]], vocabulary: Vocabulary) -> float:
    """The share of running words that the vocabulary does not know; 0 where there is none.

    Raises TextError where a sentence is a str.
    """
    ids = [index for words in checked_sentences(sentences) for index in vocabulary.encode(words)]
    return ids.count(UNK) / len(ids) if ids else 0.0


def pad(rows: Sequence[Sequence[int]], length: int | None = None) -> Padded:
    """Rows of ids as one rectangle (n, length) int64, PAD behind the end of each row.

    length: of the rectangle, by default that of the longest row. Raises TextError where a row is
    too long, or holds something else than whole numbers from 0 up.
    """
    if isinstance(rows, str | bytes):
        raise TextError("rows must be a list of lists of ids, not one text")
    rows = [list(checked_ids(row, 2**63, f"rows[{n}]")) for n, row in enumerate(rows)]
    lengths = torch.tensor([len(row) for row in rows], dtype=torch.int64)
    longest = int(lengths.max()) if len(rows) else 0
    width = longest if length is None else length
    if longest > width:
        raise TextError(f"row {int(lengths.argmax())} has {longest} ids, but only {width} fit")
    ids = torch.tensor([[*row, *[PAD] * (width - len(row))] for row in rows], dtype=torch.int64)
    return Padded(ids.reshape(len(rows), width), lengths)

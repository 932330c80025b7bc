"""Chinese text becomes words: nothing marks where one ends, so a list of words has to tell."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import regex

from mmbook.preprocessing.text.characters import (
    GRAPHEME,
    TextError,
    checked_sentences,
    checked_text,
)

_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\U00030000-\U000323af"
_SPACE = r"\s\x1c-\x1f"  # as str.isspace has it
_KEYCAP = r"[0-9#*]\uFE0F?\u20E3"
_LETTER = rf"(?:(?![{_HAN}]|{_KEYCAP})(?=[\p{{L}}\p{{N}}\p{{Pc}}]){GRAPHEME})"
# What may stand inside a number and inside a word: 3.14, 1,000, 1'000, ٣٫١٤; don't.
_INSIDE = r"(?:(?<=\p{Nd})[.,'’．٫٬](?=\p{Nd})|(?<=[\p{L}\p{M}])['’](?=\p{L}))"
# Han characters one by one; runs of other letters and digits whole; any other sign alone.
_PIECE = regex.compile(
    rf"(?=[{_HAN}]){GRAPHEME}|{_LETTER}(?:{_INSIDE}?{_LETTER})*|(?=[^{_SPACE}]){GRAPHEME}|[^{_SPACE}]"
)
CHARACTER = regex.compile(rf"{GRAPHEME}|[\s\S]")


def split_characters(text: str) -> list[str]:
    """Every Chinese character by itself; words of other scripts and numbers stay whole.

    White space is left out, all else is kept: "3.5个iPhone。" becomes 3.5, 个, iPhone, 。
    Marks stay with their letters (नमस्ते), an emoji is one piece whatever its code points, and
    points, commas and apostrophes inside a number or a word part nothing; the wide comma does.
    Words of scripts that write no spaces, such as Thai, stay in one run.
    """
    return _PIECE.findall(checked_text(text))


@dataclass(frozen=True)
class Lexicon:
    """A list of words with their counts, and three ways to cut text by it.

    counts: how often each word occurred where it was learned; at least 1. A character that begins
    no word of the list becomes a word of its own; one is what a reader sees as one, with its marks,
    and an emoji of several code points too. No word ends inside of it.
    """

    counts: Mapping[str, int]

    def __post_init__(self) -> None:
        if not isinstance(self.counts, Mapping):
            raise TextError(f"a lexicon needs {{word: count}}, not {type(self.counts).__name__}")
        if not self.counts or "" in self.counts or min(self.counts.values()) < 1:
            raise TextError("a lexicon needs words that are not empty and occurred at least once")

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]]) -> Self:
        """The words of sentences that somebody has segmented. Raises TextError for a str."""
        return cls(Counter(word for words in checked_sentences(sentences) for word in words))

    @cached_property
    def longest(self) -> int:
        """Characters of the longest word."""
        return max(len(CHARACTER.findall(word)) for word in self.counts)

    @cached_property
    def _log_total(self) -> float:
        # One more, as though a single unknown character had been seen once.
        return math.log(sum(self.counts.values()) + 1)

    def forward(self, text: str) -> list[str]:
        """Take the longest known word at the beginning, again and again."""
        words, start = [], 0
        signs = CHARACTER.findall(checked_text(text))
        while start < len(signs):
            ends = range(min(len(signs), start + self.longest), start + 1, -1)
            known = (end for end in ends if "".join(signs[start:end]) in self.counts)
            end = next(known, start + 1)
            words.append("".join(signs[start:end]))
            start = end
        return words

    def backward(self, text: str) -> list[str]:
        """Take the longest known word at the end, again and again."""
        signs = CHARACTER.findall(checked_text(text))
        words, end = [], len(signs)
        while end > 0:
            starts = range(max(0, end - self.longest), end - 1)
            known = (start for start in starts if "".join(signs[start:end]) in self.counts)
            start = next(known, end - 1)
            words.append("".join(signs[start:end]))
            end = start
        return words[::-1]

    def most_probable(self, text: str) -> list[str]:
        """The words w₁…wₙ with the largest product of p(wᵢ) = count(wᵢ) / total: Viterbi's path.

        A character that is no word has the probability of a word seen less than once, so that
        known words win. Time grows with the text times the longest word.
        """
        signs = CHARACTER.findall(checked_text(text))
        best, cut = [0.0], [0]  # the log-probability of the best words up to here; the last begins
        for end in range(1, len(signs) + 1):
            starts = range(max(0, end - self.longest), end)
            ending = {start: "".join(signs[start:end]) for start in starts}
            score, start = max(
                (best[start] + self._log_probability(word), start)
                for start, word in ending.items()
                if end - start == 1 or word in self.counts
            )
            best.append(score)
            cut.append(start)
        words, end = [], len(signs)
        while end > 0:
            words.append("".join(signs[cut[end] : end]))
            end = cut[end]
        return words[::-1]

    def _log_probability(self, word: str) -> float:
        # Half a count for what was never seen: less than the rarest word.
        return math.log(self.counts.get(word, 0.5)) - self._log_total


def word_f1(found: Sequence[Sequence[str]], reference: Sequence[Sequence[str]]) -> float:
    """How far two segmentations of the same sentences agree: F1 over words at their places.

    2·common / (words found + words in the reference); 1 where all agree. Raises TextError where
    the two do not hold the same text, or a sentence is a str and not a list of words.
    """
    found, reference = list(checked_sentences(found)), list(checked_sentences(reference))
    if len(found) != len(reference):
        raise TextError(f"{len(found)} sentences cannot be compared with {len(reference)}")
    common = total = 0
    for number, (ours, theirs) in enumerate(zip(found, reference, strict=True)):
        if "".join(ours) != "".join(theirs):
            raise TextError(f"sentence {number} differs: {''.join(ours)!r}, {''.join(theirs)!r}")
        common += len(_places(ours) & _places(theirs))
        total += len(ours) + len(theirs)
    return 2 * common / total if total else 1.0


def _places(words: Sequence[str]) -> set[tuple[int, int]]:
    places, start = set(), 0
    for word in words:
        places.add((start, start + len(word)))
        start += len(word)
    return places

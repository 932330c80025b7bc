"""BLEU: the share of runs of words that a reference has too."""

import math
from collections.abc import Sequence
from functools import reduce
from operator import or_

from mmbook.evaluation.captions.words import (
    checked_candidates,
    checked_references,
    checked_tokens,
    count_ngrams,
)
from mmbook.layers.checks import check_whole


class Bleu:
    """BLEU of captions against these references (Papineni et al. 2002): call it with captions.

    references: one or more a picture, each a list of words. order: the longest runs that count.
    Over all captions together, the share of their runs of n words that a reference has, where a
    run counts at most as often as in the one reference that has it most; the geometric mean of
    these shares for n from 1 to the order; times exp(1 − r/c) where the captions' length c is
    below r, the sum of the lengths of the references that are nearest in length, the shorter
    where two are as near. From 0 to 1; tables often have it times 100.

    Nothing is smoothed: where no run of n words is in a reference, or none was written, BLEU-n
    and all above are 0. NLTK writes a number below 1e-70 for it, and counts a run of n words for
    a caption that is shorter than n; here, as in sacrebleu, such a caption has none.
    Raises ValueError for captions or references that cannot be compared, and an order below 1.
    """

    def __init__(self, references: Sequence[Sequence[Sequence[str]]], order: int = 4) -> None:
        check_whole(order=order)
        if order < 1:
            raise ValueError(f"order must be 1 or more, not {order}")
        pictures = checked_references(references, checked_tokens)
        self.order = order
        self._lengths = [sorted({len(words) for words in captions}) for captions in pictures]
        self._most = [  # how often the reference that has it most has each run
            reduce(or_, (count_ngrams(words, order) for words in captions)) for captions in pictures
        ]

    def __call__(self, candidates: Sequence[Sequence[str]]) -> float:
        """BLEU of the highest order, of one caption a picture, each a list of words."""
        return self.orders(candidates)[-1]

    def orders(self, candidates: Sequence[Sequence[str]]) -> tuple[float, ...]:
        """BLEU-1, BLEU-2 and so on up to the order."""
        captions = checked_candidates(candidates, len(self._most), checked_tokens)
        counts = {words: count_ngrams(words, self.order) for words in set(captions)}
        written, matched = [0] * self.order, [0] * self.order
        near = 0
        for words, most, lengths in zip(captions, self._most, self._lengths, strict=True):
            near += _nearest(lengths, len(words))
            written = [total + max(0, len(words) - n) for n, total in enumerate(written)]
            for run, count in counts[words].items():
                if run in most:
                    matched[len(run) - 1] += min(count, most[run])
        shares = [hits / max(1, total) for hits, total in zip(matched, written, strict=True)]
        penalty = math.exp(min(0.0, 1 - near / written[0])) if written[0] else 0.0
        return tuple(penalty * math.prod(shares[:n]) ** (1 / n) for n in range(1, self.order + 1))


def bleu(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]
) -> tuple[float, ...]:
    """BLEU-1 to BLEU-4 of one caption a picture against one or more references a picture.

    Captions and references are lists of words. See `Bleu` for what is computed and raised.
    """
    return Bleu(references).orders(candidates)


def _nearest(lengths: list[int], length: int) -> int:
    """The nearest of the sorted lengths, the shorter of two that are as near."""
    return min(lengths, key=lambda other: abs(other - length))

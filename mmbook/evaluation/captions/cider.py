"""CIDEr-D: likeness to what people wrote, where runs of words that are rare weigh more."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mmbook.evaluation.captions.words import (
    NGrams,
    Tokens,
    checked_candidates,
    checked_references,
    checked_tokens,
    count_ngrams,
)

ORDER, SIGMA = 4, 6.0


@dataclass(frozen=True)
class _Vector:
    """A caption: the weight of each of its runs, the norm of each order, how many words."""

    weights: dict[Tokens, float]
    norms: list[float]
    words: int


class Cider:
    """CIDEr-D of captions against these references (Vedantam et al. 2015): call it with captions.

    references: one or more a picture, each a list of words. A caption is a vector for each n from
    1 to 4, with a place for each run of n words: how often it occurs, times log(pictures /
    pictures of which a reference has it). A run that no reference has counts as if one picture
    had it. The likeness to a reference is the cosine, in which the caption's weights count only
    up to the reference's, times exp(−d² / (2 · 6²)) for a difference of d words in length. The
    score is 10 times the mean over n, references and pictures, so from 0 to 10; tables often have
    it times 100 in place of 10.

    As pycocoevalcap computes it: words are not stemmed, which the paper does. Scores depend on
    the pictures by which runs are rare: compare scores on the same pictures and references only.
    Raises ValueError for captions or references that cannot be compared, and for fewer than two
    pictures, since then no run is rarer than another.
    """

    def __init__(self, references: Sequence[Sequence[Sequence[str]]]) -> None:
        pictures = checked_references(references, checked_tokens)
        if len(pictures) < 2:
            raise ValueError("CIDEr needs two pictures or more: with one, every run weighs 0")
        counts = [[count_ngrams(words, ORDER) for words in captions] for captions in pictures]
        having = Counter(run for captions in counts for run in set().union(*captions))
        self._unseen = math.log(len(pictures))
        self._rarity = {run: self._unseen - math.log(count) for run, count in having.items()}
        self._references = [[self._vector(count) for count in captions] for captions in counts]

    def __call__(self, candidates: Sequence[Sequence[str]]) -> float:
        """The mean of `scores`."""
        return math.fsum(self.scores(candidates)) / len(self._references)

    def scores(self, candidates: Sequence[Sequence[str]]) -> list[float]:
        """The score of each picture's caption, a list of words."""
        return self.scores_of(candidates, range(len(self._references)))

    def scores_of(
        self, candidates: Sequence[Sequence[str]], pictures: Sequence[int]
    ) -> list[float]:
        """The scores of captions of some pictures, each by its number; one may come often."""
        captions = checked_candidates(candidates, len(pictures), checked_tokens)
        vectors = {words: self._vector(count_ngrams(words, ORDER)) for words in set(captions)}
        return [
            10 * sum(_likeness(vectors[words], other) for other in references) / len(references)
            for words, picture in zip(captions, pictures, strict=True)
            for references in (self._references[picture],)
        ]

    def _vector(self, counts: NGrams) -> _Vector:
        weights = {
            run: count * self._rarity.get(run, self._unseen) for run, count in counts.items()
        }
        squares = [0.0] * ORDER
        for run, weight in weights.items():
            squares[len(run) - 1] += weight**2
        words = sum(count for run, count in counts.items() if len(run) == 1)
        return _Vector(weights, [math.sqrt(square) for square in squares], words)


def cider(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]
) -> float:
    """CIDEr-D, from 0 to 10, of one caption a picture against one or more references a picture.

    Captions and references are lists of words. See `Cider` for what is computed and raised.
    """
    return Cider(references)(candidates)


def _likeness(caption: _Vector, reference: _Vector) -> float:
    products = [0.0] * ORDER
    for run, weight in caption.weights.items():
        if other := reference.weights.get(run):
            products[len(run) - 1] += min(weight, other) * other
    cosines = (
        product / (one * other)
        for product, one, other in zip(products, caption.norms, reference.norms, strict=True)
        if product
    )
    far = (caption.words - reference.words) ** 2 / (2 * SIGMA**2)
    return sum(cosines) / ORDER * math.exp(-far)

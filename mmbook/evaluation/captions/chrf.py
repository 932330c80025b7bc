"""chrF: runs of characters in the place of words, so that no one has to say what a word is."""

from collections.abc import Sequence

import numpy as np

from mmbook.evaluation.captions.words import (
    NGrams,
    checked_candidates,
    checked_characters,
    checked_references,
    count_ngrams,
)

ORDER, BETA = 6, 2.0


class Chrf:
    """chrF2 of captions against these references (Popović 2015): call it with captions.

    references: one or more a picture, each a text, of any language. For n from 1 to 6, over all
    captions together: the share of their runs of n characters that the reference has (precision),
    and of the reference's that the caption has (recall), white space left out. From the means over
    n, F = 5 · P · R / (4 · P + R): recall counts twice as much. Of several references the one
    counts that gives a caption the highest F. From 0 to 1; sacrebleu, whose defaults these are,
    writes it times 100. An n for which no caption or no reference is long enough is left out.
    Case and punctuation count as they stand.
    Raises ValueError for captions or references that cannot be compared.
    """

    def __init__(self, references: Sequence[Sequence[str]]) -> None:
        self._references = [
            [count_ngrams(list(text), ORDER) for text in texts]
            for texts in checked_references(references, checked_characters)
        ]

    def __call__(self, candidates: Sequence[str]) -> float:
        """chrF of one caption a picture, each a text."""
        texts = checked_candidates(candidates, len(self._references), checked_characters)
        counts = {text: count_ngrams(list(text), ORDER) for text in set(texts)}
        total = np.zeros((3, ORDER), dtype=np.int64)
        for text, references in zip(texts, self._references, strict=True):
            total += max((_matches(counts[text], other) for other in references), key=_f_score)
        return _f_score(total)


def chrf(candidates: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """chrF2, from 0 to 1, of one caption a picture against one or more references a picture.

    Captions and references are texts. See `Chrf` for what is computed and raised.
    """
    return Chrf(references)(candidates)


def _matches(caption: NGrams, reference: NGrams) -> np.ndarray:
    """How many runs the caption has, the reference has, and both have: (3, order)."""
    counts = [[0] * ORDER for _ in range(3)]
    for run, count in caption.items():
        counts[0][len(run) - 1] += count
        counts[2][len(run) - 1] += min(count, reference.get(run, 0))
    for run, count in reference.items():
        counts[1][len(run) - 1] += count
    found = np.array(counts)
    found[0, found[1] == 0] = 0  # where the reference is too short, no run could have been right
    return found


def _f_score(counts: np.ndarray) -> float:
    """F of counts (3, order)."""
    written, wanted, both = counts[:, (counts[:2] > 0).all(axis=0)]
    if not both.any():
        return 0.0
    precision, recall = (both / written).mean(), (both / wanted).mean()
    return float((1 + BETA**2) * precision * recall / (BETA**2 * precision + recall))

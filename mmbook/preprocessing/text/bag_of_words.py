"""Texts as counts of their words: the baseline that knows no order."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from mmbook.preprocessing.text.characters import TextError, checked_ids, checked_sentences

Document = Sequence[str]


@dataclass(frozen=True)
class BagOfWords:
    """A column for each known word, in alphabetical order.

    words: the columns. documents: how many it was learned from. occurring_in: in how many of them
    each word occurs, for the weights.
    """

    words: tuple[str, ...]
    documents: int
    occurring_in: tuple[int, ...]

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Self:
        """The words of the training documents.

        Raises TextError where they hold none, or one is a str and not a list of words.
        """
        sets = [set(document) for document in checked_sentences(documents, "documents")]
        words = tuple(sorted(set().union(*sets)))
        if not words:
            raise TextError("a bag of words needs at least one document with a word in it")
        column = {word: index for index, word in enumerate(words)}
        places = [column[word] for words_of_one in sets for word in words_of_one]
        counts = torch.tensor(places).bincount(minlength=len(words))
        return cls(words, len(sets), tuple(counts.tolist()))

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.words)}

    @cached_property
    def inverse_document_frequency(self) -> Tensor:
        """ln((1 + documents) / (1 + occurring_in)) + 1 for each word, (words,) float64."""
        rarity = (1 + self.documents) / (1 + torch.tensor(self.occurring_in, dtype=torch.float64))
        return rarity.log() + 1

    def counts(self, documents: Sequence[Document]) -> Tensor:
        """How often each word occurs; unknown words are left out. (n, words) float64, sparse.

        Raises TextError where a document is a str and not a list of words.
        """
        places = [
            (row, self._columns[word])
            for row, document in enumerate(checked_sentences(documents, "documents"))
            for word in document
            if word in self._columns
        ]
        indices = torch.tensor(places, dtype=torch.int64).reshape(-1, 2).T
        ones = torch.ones(len(places), dtype=torch.float64)
        size = (len(documents), len(self.words))
        return torch.sparse_coo_tensor(indices, ones, size, check_invariants=True).coalesce()

    def tf_idf(self, documents: Sequence[Document]) -> Tensor:
        """Counts times inverse document frequency, each row of length 1. (n, words), sparse.

        A document without a known word is a row of zeros. Equals scikit-learn's TfidfVectorizer.
        """
        counts = self.counts(documents)
        (rows, columns), values = counts.indices(), counts.values()
        values = values * self.inverse_document_frequency[columns]
        squares = torch.zeros(len(documents), dtype=torch.float64).index_add(0, rows, values**2)
        values = values / squares.sqrt()[rows]
        return torch.sparse_coo_tensor(
            counts.indices(), values, counts.shape, check_invariants=True
        ).coalesce()


def cosines(queries: Tensor, others: Tensor) -> Tensor:
    """The cosine of each query with each other text: (n, words), (m, words) sparse to (n, m).

    Rows must have length 1 or 0, as those of `tf_idf`; a row of zeros has the cosine 0.
    """
    return torch.sparse.mm(queries, others.to_dense().T)


def zipf_exponent(counts: Sequence[int]) -> float:
    """The s of Zipf's law f(r) ∝ r^(−s) that makes the counts most probable.

    counts: of each word, in any order. The likelihood is greatest where the law's mean of ln r over
    the ranks r = 1…n equals the measured one; found by halving an interval of s. Zero where all
    counts are equal. Raises TextError where there are fewer than two words, or one has no count.
    """
    counts = list(checked_ids(counts, 2**63, "counts"))
    if len(counts) < 2 or min(counts) < 1:
        raise TextError("Zipf's law needs the counts of two words or more, each 1 or more")
    ordered = torch.tensor(sorted(counts, reverse=True), dtype=torch.float64)
    logs = torch.arange(1, len(ordered) + 1, dtype=torch.float64).log()
    measured = float((ordered * logs).sum() / ordered.sum())
    low, high = 0.0, 64.0
    for _ in range(60):
        middle = (low + high) / 2
        weights = (-middle * logs).softmax(0)
        low, high = (middle, high) if float((weights * logs).sum()) > measured else (low, middle)
    return 0.0 if math.isclose(high, 0, abs_tol=1e-12) else (low + high) / 2

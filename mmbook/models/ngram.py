"""n-gram models: the probability of the next word, from counts of short runs of words."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from mmbook.preprocessing.text.characters import TextError, checked_ids

Gram = tuple[int, ...]
Sentences = Iterable[Sequence[int]]


def id_rows(sentences: Sentences) -> Iterator[Gram]:
    """Sentences as tuples. Raises TextError where one is a text, whose items would be letters."""
    if isinstance(sentences, str | bytes):
        raise TextError("sentences must be a list of lists of ids, not one text")
    for number, sentence in enumerate(sentences):
        if isinstance(sentence, str | bytes):
            raise TextError(f"sentence {number} must be a list of ids, not the text {sentence!r}")
        # The numbers of a tensor are tensors, each different from all others as a key.
        yield tuple(checked_ids(sentence, 2**63, f"sentences[{number}]"))


def query_ids(word: int, history: Sequence[int]) -> tuple[int, Gram]:
    """A word and what came before it, as numbers that can be looked up."""
    (checked,) = checked_ids([word], 2**63, "word")
    return checked, tuple(checked_ids(history, 2**63, "history"))


def count_ngrams(sentences: Sentences, order: int) -> list[Counter[Gram]]:
    """How often each run of 1, 2, ... `order` words occurs; the first list holds single words.

    sentences: ids, each from its mark of beginning to its mark of end. The mark of beginning is
    part of longer runs, but no run by itself: nothing ever has to predict it.
    """
    counts: list[Counter[Gram]] = [Counter() for _ in range(order)]
    for words in id_rows(sentences):
        for size, counter in enumerate(counts, 1):
            first = 1 if size == 1 else 0
            counter.update(words[i : i + size] for i in range(first, len(words) - size + 1))
    return counts


def continuation_counts(longer: Counter[Gram], raw: Counter[Gram], begin: int) -> Counter[Gram]:
    """In how many different contexts each run occurs: the number of words seen before it.

    longer: counts of the runs with one word more. Nothing comes before the mark of beginning, so
    runs that start with it keep their own counts, `raw` (Heafield et al. 2013).
    """
    contexts = Counter(gram[1:] for gram in longer)
    return Counter({gram: raw[gram] if gram[0] == begin else contexts[gram] for gram in raw})


def estimate_discounts(counts: Iterable[int]) -> tuple[float, float, float]:
    """What to take from runs counted once, twice, and more often (Chen and Goodman 1999, eq. 26).

    Where too few counts are there for an estimate, a half for all.
    """
    n = Counter(counts)
    if not all(n[size] for size in (1, 2, 3)):
        return 0.5, 0.5, 0.5
    once = n[1] / (n[1] + 2 * n[2])
    wanted = [size - (size + 1) * once * n[size + 1] / n[size] for size in (1, 2, 3)]
    # Odd counts of counts may ask for a negative discount, which would leave nothing to back off.
    one, two, three = (max(value, wanted[0]) for value in wanted)
    return one, two, three


@dataclass(frozen=True)
class Level:
    """What is counted for runs of one length.

    counts: {run: count}. totals: {context: sum of the counts of its runs}. kept: {context: what
    the discounts take from its runs in all, for words that never followed it}.
    """

    counts: Mapping[Gram, int]
    totals: Mapping[Gram, int]
    kept: Mapping[Gram, float]
    discounts: tuple[float, float, float]

    @classmethod
    def of(cls, counts: Counter[Gram], discounts: tuple[float, float, float] | None) -> Self:
        """Add up the counts by context; discounts are estimated where none are given."""
        discounts = discounts or estimate_discounts(counts.values())
        totals: defaultdict[Gram, int] = defaultdict(int)
        kept: defaultdict[Gram, float] = defaultdict(float)
        for gram, count in counts.items():
            totals[gram[:-1]] += count
            kept[gram[:-1]] += discounts[min(count, 3) - 1]
        return cls(counts, totals, kept, discounts)

    def discounted(self, gram: Gram) -> float:
        """The count of a run less its discount."""
        count = self.counts.get(gram, 0)
        return count - self.discounts[min(count, 3) - 1] if count else 0.0


@dataclass(frozen=True)
class KneserNey:
    """Interpolated Kneser-Ney smoothing with three discounts a level.

    choices: how many words may come next, so that those never seen share 1/choices.
    levels: for runs of 1, 2, ... words. Chapter `n-grams`, equations ng-kn and ng-kn-low.
    Sources: Kneser and Ney 1995; Chen and Goodman 1999, "modified Kneser-Ney".
    """

    choices: int
    levels: tuple[Level, ...]

    @classmethod
    def fit(
        cls, sentences: Sentences, order: int, choices: int, discount: float | None = None
    ) -> Self:
        """Count sentences of ids, each from its mark of beginning (the first id) to its end.

        order: words in the longest run. discount: the same for all, else estimated.
        Raises ValueError where there is nothing to count, or a number out of range.
        """
        rows = list(id_rows(sentences))
        if not rows or order < 1 or choices < 1 or not (discount is None or 0 < discount < 1):
            raise ValueError(
                "needs sentences, an order and choices of 1 or more, and a discount between 0 and "
                f"1: got {len(rows)} sentences, {order=}, {choices=}, {discount=}"
            )
        raw = count_ngrams(rows, order)
        counts = [
            continuation_counts(raw[size], raw[size - 1], rows[0][0]) for size in range(1, order)
        ]
        fixed = None if discount is None else (discount, discount, discount)
        return cls(choices, tuple(Level.of(level, fixed) for level in [*counts, raw[-1]]))

    def probability(self, word: int, history: Sequence[int]) -> float:
        """p(word | history): of the history, only as many last words as the order allows count.

        Raises TextError where one of them is no id.
        """
        return self._probability(*query_ids(word, history))

    def _probability(self, word: int, history: Gram) -> float:
        probability = 1 / self.choices
        context: Gram = ()
        for size, level in enumerate(self.levels):
            if size > len(history):
                break
            context = history[len(history) - size :]
            total = level.totals.get(context, 0)
            if not total:
                break  # a context never seen says nothing, and neither do longer ones
            share = level.discounted((*context, word)) + level.kept[context] * probability
            probability = share / total
        return probability

    def log_probabilities(self, sentences: Sentences) -> Tensor:
        """log p of every word after the first of each sentence, row after row, float64."""
        return log_probabilities(self, sentences)


@dataclass(frozen=True)
class AdditiveSmoothing:
    """(count + amount) / (total + amount · choices), for runs of `order` words; Laplace's is 1."""

    order: int
    amount: float
    choices: int
    counts: Mapping[Gram, int]
    totals: Mapping[Gram, int]

    @classmethod
    def fit(cls, sentences: Sentences, order: int, amount: float, choices: int) -> Self:
        """Count sentences of ids as `KneserNey.fit` does.

        Raises ValueError for an order or choices below 1, or an amount that is not above 0.
        """
        if order < 1 or choices < 1 or not 0 < amount < math.inf:
            raise ValueError(
                "needs an order and choices of 1 or more, and an amount above 0: got "
                f"{order=}, {choices=}, {amount=}"
            )
        totals, counts = Counter(), Counter()
        for sentence in id_rows(sentences):
            for place in range(1, len(sentence)):
                context = tuple(sentence[max(0, place - order + 1) : place])
                totals[context] += 1
                counts[(*context, sentence[place])] += 1
        return cls(order, amount, choices, counts, totals)

    def probability(self, word: int, history: Sequence[int]) -> float:
        """p(word | the last order − 1 words of the history). Raises TextError for what is no id."""
        return self._probability(*query_ids(word, history))

    def _probability(self, word: int, history: Gram) -> float:
        context = history[max(0, len(history) - self.order + 1) :]
        count, total = self.counts.get((*context, word), 0), self.totals.get(context, 0)
        return (count + self.amount) / (total + self.amount * self.choices)

    def log_probabilities(self, sentences: Sentences) -> Tensor:
        """log p of every word after the first of each sentence, row after row, float64."""
        return log_probabilities(self, sentences)


def log_probabilities(model: KneserNey | AdditiveSmoothing, sentences: Sentences) -> Tensor:
    """log p of every word after the first of each sentence, row after row, float64."""
    probabilities = [
        model._probability(sentence[place], sentence[:place])
        for sentence in id_rows(sentences)
        for place in range(1, len(sentence))
    ]
    return torch.tensor(probabilities, dtype=torch.float64).log()

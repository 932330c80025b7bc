"""From scores of each moment to labels: the collapse, the best path, and prefix beam search."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from mmbook.layers.checks import check_whole

Labels = tuple[int, ...]
NEVER = -math.inf  # the logarithm of a probability of zero


class Grammar(Protocol):
    """What may be written: `begins` says whether labels are the beginning of something that may be
    written, `ends` whether they are all of it."""

    def begins(self, labels: Labels) -> bool: ...

    def ends(self, labels: Labels) -> bool: ...


@dataclass(frozen=True)
class Hypothesis:
    """Labels, and the logarithm of the probability that a search has found for them."""

    labels: Labels
    log_probability: float


def collapse(path: Iterable[int], blank: int = 0) -> Labels:
    """The labels that a path says: equal neighbours become one, then blanks go. Eq. sr-collapse."""
    found: list[int] = []
    before = blank
    for label in path:
        if label != before and label != blank:
            found.append(label)
        before = label
    return tuple(found)


def best_path(log_probabilities: Tensor, blank: int = 0) -> Labels:
    """The labels of the most probable path, which need not be the most probable labels.

    log_probabilities: (frames, classes). Raises ValueError as `prefix_beam_search` does.
    """
    _check(log_probabilities, blank)
    return collapse(log_probabilities.argmax(dim=1).tolist(), blank)


def prefix_beam_search(
    log_probabilities: Tensor,
    width: int,
    blank: int = 0,
    grammar: Grammar | None = None,
    least: float = 0.0,
) -> list[Hypothesis]:
    """The most probable labels that a search with `width` prefixes finds, the best first.

    log_probabilities: (frames, classes). For each prefix the probabilities of its paths that end
    in a blank and of those that end in its last label are kept apart, and paths that lead to one
    prefix are added. With as many prefixes as there are, the sums are exact. grammar: what may be
    written; without a prefix that is whole in the end, nothing is returned. least: labels less
    probable in a frame are not tried there. Raises ValueError for another shape, NaN, a width
    below 1, or a blank that is no class. Source: Graves 2012; Hannun et al. 2014.
    """
    _check(log_probabilities, blank)
    check_whole(width=width)
    if width < 1:
        raise ValueError(f"width must be 1 or more, not {width}")
    floor = math.log(least) if least > 0 else NEVER
    beam: dict[Labels, tuple[float, float]] = {(): (0.0, NEVER)}  # ends in blank, in a label
    for row in log_probabilities.double().tolist():
        tried = [(c, p) for c, p in enumerate(row) if c != blank and p >= floor and p > NEVER]
        after: dict[Labels, list[float]] = defaultdict(lambda: [NEVER, NEVER])
        for prefix, (in_blank, in_label) in beam.items():
            whole, stays = _added(in_blank, in_label), after[prefix]
            stays[0] = _added(stays[0], whole + row[blank])
            if prefix:
                stays[1] = _added(stays[1], in_label + row[prefix[-1]])
            for label, p in tried:
                longer = (*prefix, label)
                if grammar is not None and not grammar.begins(longer):
                    continue
                # Behind the same label only a path that has left it, by a blank, begins a new one.
                come = in_blank if prefix and prefix[-1] == label else whole
                if come > NEVER:
                    grown = after[longer]
                    grown[1] = _added(grown[1], come + p)
        ranked = sorted(after.items(), key=lambda item: -_added(*item[1]))
        beam = {prefix: (parts[0], parts[1]) for prefix, parts in ranked[:width]}
    return [
        Hypothesis(prefix, _added(*parts))
        for prefix, parts in beam.items()
        if grammar is None or grammar.ends(prefix)
    ]


@dataclass(frozen=True)
class WordGrammar:
    """Sentences of known words with a separator between two: one word at least, `most` at most.

    words: the labels of each. Raises ValueError without words, for an empty one, or for one that
    holds the separator.
    """

    words: frozenset[Labels]
    separator: int
    most: int | None = None

    def __post_init__(self) -> None:
        if not self.words or () in self.words:
            raise ValueError("a lexicon needs words, none of them empty")
        if wrong := [word for word in self.words if self.separator in word]:
            raise ValueError(f"the word {wrong[0]} holds the separator, {self.separator}")
        begun = {word[:end] for word in self.words for end in range(len(word) + 1)}
        object.__setattr__(self, "_begun", frozenset(begun))

    def begins(self, labels: Labels) -> bool:
        """Whether a sentence begins so; all but the last label are known to be a beginning."""
        *before, last = self._words(labels)
        if self.most is not None and len(before) + 1 > self.most:
            return False
        return last in self._begun and all(word in self.words for word in before[-1:])  # type: ignore[attr-defined]

    def ends(self, labels: Labels) -> bool:
        """Whether this is a whole sentence."""
        words = self._words(labels)
        return all(word in self.words for word in words) and len(words) <= (self.most or math.inf)

    def _words(self, labels: Labels) -> list[Labels]:
        found: list[Labels] = []
        start = 0
        for place, label in enumerate(labels):
            if label == self.separator:
                found.append(labels[start:place])
                start = place + 1
        return [*found, labels[start:]]


def _added(one: float, other: float) -> float:
    """The logarithm of the sum of two probabilities."""
    if one < other:
        one, other = other, one
    return one if other == NEVER else one + math.log1p(math.exp(other - one))


def _check(log_probabilities: Tensor, blank: int) -> None:
    if log_probabilities.ndim != 2 or not log_probabilities.is_floating_point():
        raise ValueError(
            "log_probabilities must be floating point (frames, classes), not "
            f"{log_probabilities.dtype} {tuple(log_probabilities.shape)}"
        )
    if log_probabilities.isnan().any():
        raise ValueError("log_probabilities hold NaN")
    classes = log_probabilities.shape[1]
    if type(blank) is not int or not 0 <= blank < classes:
        raise ValueError(f"blank must be a class, a whole number in [0, {classes}), not {blank!r}")

"""The rows that a table of captions needs beside the model's: no eyes, other eyes, and people."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

Caption = TypeVar("Caption")  # a text, or a list of words
# What prepares references and then scores captions: Cider, Bleu, partial(Bleu, order=1), Chrf.
Metric = Callable[[Sequence[Sequence[Caption]]], Callable[[Sequence[Caption]], float]]


def best_constant(
    candidates: Sequence[Caption],
    references: Sequence[Sequence[Caption]],
    metric: Metric[Caption],
) -> tuple[Caption, float]:
    """The one of the candidates that scores best where it is said of every picture, and its score.

    metric: `Cider`, `Bleu`, `Chrf`, or what else is made of references and called with captions.
    A caption that was chosen on training pictures and scored on test pictures is what one can say
    without eyes; chosen on the test pictures, what no other of the candidates can beat. Of equal
    ones the first. Raises ValueError without candidates, and as the metric does.
    """
    if not len(candidates):
        raise ValueError("there are no candidates to choose from")
    score = metric(references)
    scores = [score([caption] * len(references)) for caption in candidates]
    best = scores.index(max(scores))
    return candidates[best], scores[best]


def human(references: Sequence[Sequence[Caption]], metric: Metric[Caption]) -> float:
    """What people score: a reference of each picture held against the others.

    The mean over which one is left out: each picture's first, each one's second, and so on. People
    are held against one reference fewer than a model is, and BLEU, for one, rises with references:
    hold a model against as many to compare. Raises ValueError where a picture has fewer than two
    references, or another number of them than the first.
    """
    if not len(references):
        raise ValueError("there are no references")
    count = len(references[0])
    for n, captions in enumerate(references):
        if len(captions) != count or count < 2:
            raise ValueError(
                "each picture needs the same number of references, two or more, but "
                f"references[0] are {count} and references[{n}] are {len(captions)}"
            )
    scores = []
    for left in range(count):
        others = [[*captions[:left], *captions[left + 1 :]] for captions in references]
        scores.append(metric(others)([captions[left] for captions in references]))
    return sum(scores) / len(scores)


def shuffled(
    candidates: Sequence[Caption],
    references: Sequence[Sequence[Caption]],
    metric: Metric[Caption],
    generator: torch.Generator,
) -> float:
    """The score of the candidates where each is said of another picture, drawn at random.

    What it is below the score itself is what the captions know of their own pictures. Raises
    ValueError for fewer than two candidates, and as the metric does.
    """
    if len(candidates) < 2:
        raise ValueError(f"to exchange captions takes two or more, not {len(candidates)}")
    order = torch.randperm(len(candidates), generator=generator, device=generator.device).tolist()
    exchanged = list(candidates)
    for place, source in zip(order, order[1:] + order[:1], strict=True):  # one cycle: none stays
        exchanged[place] = candidates[source]
    return metric(references)(exchanged)

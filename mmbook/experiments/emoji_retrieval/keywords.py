"""Keywords that no training text had: can they be asked for?"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.evaluation.retrieval import ranks, recall_at
from mmbook.experiments.emoji_retrieval.config import Found
from mmbook.experiments.emoji_retrieval.data import pieces
from mmbook.experiments.emoji_retrieval.pairs import Learned
from mmbook.experiments.emoji_retrieval.texts import Texts, whole
from mmbook.preprocessing.text.bag_of_words import BagOfWords

TOP = 10
LANGUAGE = "en"


def hidden_keywords(texts: Texts, share: float, fewest: int, seed: int) -> tuple[str, ...]:
    """A share, by chance, of the English phrases that so many emoji have, in small letters."""
    counts = Counter(p for text in texts[LANGUAGE] for p in {phrase.lower() for phrase in text})
    common = sorted(phrase for phrase, count in counts.items() if count >= fewest)
    chosen = random.Random(seed).sample(common, max(1, round(share * len(common))))
    return tuple(sorted(chosen))


def answers(keywords: Sequence[str], texts: Texts) -> Tensor:
    """(keywords, n) boolean: which emoji have which keyword."""
    have = [{phrase.lower() for phrase in text} for text in texts[LANGUAGE]]
    return torch.tensor([[keyword in phrases for phrases in have] for keyword in keywords])


def measure_keywords(
    keywords: Sequence[str],
    relevant: Tensor,
    visible: Texts,
    learned: Learned,
    train: Tensor,
    test: Tensor,
) -> Iterator[Found]:
    """What is found by hidden keywords among pictures of training and test, and of test alone.

    relevant: as `answers`, with the hidden keywords. visible: the texts without them.
    """
    both = torch.cat([train, test])
    for name, rows in (("training and held out", both), ("held out", test)):
        right = relevant[:, rows]
        asked = right.any(dim=1)
        right = right[asked]
        queries = [
            keyword for keyword, there in zip(keywords, asked.tolist(), strict=True) if there
        ]
        where = {"candidates": name, "queries": "hidden keywords"}
        yield "chance", "recall_at_10", chance_of_a_hit(right), where
        yield "chance", "precision_at_10", right.double().mean().item(), where
        yield "hidden keywords", "count", float(len(queries)), where
        for system, scores in _scored(queries, visible, learned, train, rows):
            yield system, "recall_at_10", recall_at(ranks(scores, right), TOP), where
            yield system, "precision_at_10", precision(scores, right), where


def _scored(
    queries: Sequence[str], visible: Texts, learned: Learned, train: Tensor, rows: Tensor
) -> Iterator[tuple[str, Tensor]]:
    """(system, (queries, candidates)): letters in common with the other keywords, what stands in
    the same texts as these, the pictures, and letters with pictures.
    """
    documents = [[p for phrase in text for p in pieces(phrase)] for text in visible[LANGUAGE]]
    bag = BagOfWords.of([documents[row] for row in train.tolist()])
    texts = bag.tf_idf([documents[row] for row in rows.tolist()]).to_dense().float()
    letters = bag.tf_idf([pieces(query) for query in queries]).to_dense().float() @ texts.T
    vectors = F.normalize(learned.space.vectors(queries), dim=1)
    place = learned.languages.index(LANGUAGE)
    pictures = learned.read(vectors) @ learned.see(rows).T
    yield "letters in common", letters
    yield "texts alone", vectors @ whole(learned.texts[rows, place]).T
    yield "pictures alone", pictures
    yield "letters and pictures", letters + pictures


def precision(scores: Tensor, relevant: Tensor, top: int = TOP) -> float:
    """The share of right ones among the first `top`, where equals come in a random order.

    scores, relevant: (queries, candidates).
    """
    top = min(top, scores.shape[1])
    last = scores.topk(top, dim=1).values[:, -1:]  # (queries, 1)
    above, equal = scores > last, scores == last
    room = top - above.sum(dim=1)
    share = room / equal.sum(dim=1)
    right = (above & relevant).sum(dim=1) + share * (equal & relevant).sum(dim=1)
    return (right / top).double().mean().item()


def chance_of_a_hit(relevant: Tensor, top: int = TOP) -> float:
    """How often `top` candidates of n by chance hold one of r: 1 - C(n - r, top) / C(n, top)."""
    size, found = relevant.shape[1], []
    for right in relevant.sum(dim=1).tolist():
        missed = math.comb(size - right, min(top, size)) / math.comb(size, min(top, size))
        found.append(1 - missed)
    return sum(found) / len(found)

"""From English to Chinese through pictures: no training emoji has texts in both languages."""

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor

from mmbook.evaluation.retrieval import ranks, recall_at
from mmbook.experiments.emoji_retrieval.config import SYSTEMS, Found
from mmbook.experiments.emoji_retrieval.data import Split, share_of_groups
from mmbook.experiments.emoji_retrieval.neighbours import merit, mixed_cosines, text_products
from mmbook.experiments.emoji_retrieval.pairs import Learned, Trainer
from mmbook.experiments.emoji_retrieval.texts import Texts

BRIDGE = "two layers, changed features"  # the system that is trained so
TEMPERATURES = (0.01, 0.03, 0.1)


def halves(groups: Tensor, train: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Training rows whose English is read, and those whose Chinese is: half of the groups each."""
    english = share_of_groups(groups, train, 0.5, seed)
    return english, train[~torch.isin(train, english)]


def one_language(texts: Texts, english: Tensor, chinese: Tensor) -> Texts:
    """Texts without the Chinese of the first rows and without the English of the others."""
    gone = {"en": set(chinese.tolist()), "zh": set(english.tolist())}
    return {
        language: [
            () if row in gone[language] else text for row, text in enumerate(texts[language])
        ]
        for language in ("en", "zh")
    }


def measure_bridge(trainer: Trainer, groups: Tensor, split: Split, texts: Texts) -> Iterator[Found]:
    """What an English text finds among the Chinese texts of the test emoji."""
    english, chinese = halves(groups, split.train, trainer.seed)
    apart = one_language(texts, english, chinese)
    both = {language: texts[language] for language in ("en", "zh")}
    order = torch.randperm(len(split.train), generator=torch.Generator().manual_seed(trainer.seed))
    system = SYSTEMS[BRIDGE]

    def train(of: Texts, what: str, pictures: Tensor | None = None) -> Learned:
        return trainer.train(BRIDGE, system, of, split.train, split.validation, what, pictures)

    learned = {
        "through pictures": train(apart, ", bridge"),
        "through exchanged pictures": train(apart, ", exchanged", split.train[order]),
        "pairs of texts and pictures": train(both, ", both"),
    }
    scores = {name: _across(one, split.test) for name, one in learned.items()}
    scores["neighbours through pictures"] = _neighbours(trainer, english, chinese, split)
    scores["letters in common"] = _letters(learned["through pictures"], split.test)
    where = {"task": "English to Chinese"}
    for k in (1, 5, 10):
        yield "chance", f"recall_at_{k}", min(1.0, k / len(split.test)), where
    for name, found in scores.items():
        for k in (1, 5, 10):
            yield name, f"recall_at_{k}", recall_at(ranks(found), k), where


def _across(learned: Learned, rows: Tensor) -> Tensor:
    """(English, Chinese): cosines of texts in the common space."""
    return learned.texts_of(rows, "en") @ learned.texts_of(rows, "zh").T


def _letters(learned: Learned, rows: Tensor) -> Tensor:
    """The same before a picture was seen: what pieces the two languages share."""
    first, second = (learned.texts[rows, place].sum(dim=1) for place in (0, 1))
    return first @ second.T


def _neighbours(trainer: Trainer, english: Tensor, chinese: Tensor, split: Split) -> Tensor:
    """A text's neighbours among English texts, the neighbours of their pictures, and the Chinese of
    those; both temperatures are chosen on validation.
    """
    pictures = trainer.pictures.made.similarities(1.0, 0.5)[english][:, chinese]
    known = text_products(trainer.emoji, "en", english)[:, english]
    there = text_products(trainer.emoji, "zh", chinese)

    def scores(rows: Tensor, text: float, picture: float) -> Tensor:
        near = (known[rows] / text).softmax(dim=1) @ (pictures / picture).softmax(dim=1)
        return mixed_cosines(near, there, chinese, rows)

    tried = product(TEMPERATURES, TEMPERATURES)
    best = max(tried, key=lambda pair: merit(scores(split.validation, *pair)))
    return scores(split.test, *best)

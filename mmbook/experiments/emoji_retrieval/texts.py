"""Texts as sums of the vectors of their phrases, from which a training step draws some.

The vectors are latent semantic analysis: the singular vectors of the TF-IDF of training texts, so
that pieces which stand in the same texts, of whatever language, point the same way. They are
learned from texts alone, before a picture is seen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.datasets.collections import Emoji
from mmbook.experiments.emoji_retrieval.data import phrases, pieces
from mmbook.preprocessing.text.bag_of_words import BagOfWords

MOST = 12  # phrases of a text that are kept, its name first
ROUNDS = 3  # of the power iteration that finds singular vectors
Texts = Mapping[str, Sequence[Sequence[str]]]  # {language: for each emoji its phrases}


@dataclass(frozen=True, eq=False)
class TextSpace:
    """TF-IDF and the directions in it that are kept: (pieces, d), columns of length 1."""

    bag: BagOfWords
    directions: Tensor

    @classmethod
    def of(cls, texts: Texts, train: Tensor, width: int) -> "TextSpace":
        """Of training rows, where all languages of an emoji are one document."""
        documents = [
            [
                piece
                for of_one in texts.values()
                for phrase in of_one[int(row)]
                for piece in pieces(phrase)
            ]
            for row in train.tolist()
        ]
        bag = BagOfWords.of(documents)
        known = bag.tf_idf(documents).float()
        torch.manual_seed(0)  # the directions begin by chance
        _, _, directions = torch.svd_lowrank(known, min(width, *known.shape), ROUNDS)
        return cls(bag, directions)

    def vectors(self, written: Sequence[str]) -> Tensor:
        """(n, d): counts of pieces times rarity, along the directions; not of length 1, so that the
        sum of phrases is what the whole text gives.
        """
        counts = self.bag.counts([pieces(phrase) for phrase in written]).float()
        rarity = self.bag.inverse_document_frequency.float()
        return torch.sparse.mm(counts, rarity[:, None] * self.directions)

    def encode(self, texts: Texts) -> Tensor:
        """(n, languages, phrases, d), zeros where a text has no more phrases."""
        size = len(next(iter(texts.values())))
        places, written = [], []
        for language, of_all in enumerate(texts.values()):
            for row, of_one in enumerate(of_all):
                for place, phrase in enumerate(of_one[:MOST]):
                    places.append((row, language, place))
                    written.append(phrase)
        row, language, place = torch.tensor(places).T
        found = torch.zeros(size, len(texts), int(place.max()) + 1, self.directions.shape[1])
        found[row, language, place] = self.vectors(written)
        return found


def whole(phrase_vectors: Tensor) -> Tensor:
    """Texts with all their phrases: (..., phrases, d) to (..., d) of length 1."""
    return F.normalize(phrase_vectors.sum(dim=-2), dim=-1)


def all_texts(emoji: Emoji, languages: Sequence[str], hidden: Collection[str] = ()) -> Texts:
    """The phrases of all emoji but for those that are hidden, which are given in small letters."""
    return {
        language: [
            tuple(phrase for phrase in text if phrase.lower() not in hidden)
            for text in phrases(emoji, language)
        ]
        for language in languages
    }

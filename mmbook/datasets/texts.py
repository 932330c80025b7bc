"""Texts to predict the next word of, as sentences of word numbers."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from mmbook.datasets.real.flickr8k import load_flickr8k_captions
from mmbook.datasets.real.tatoeba import load_tatoeba
from mmbook.datasets.small.captions import load_captions
from mmbook.preprocessing.text.tokenizers import plain_words
from mmbook.preprocessing.text.vocabulary import Vocabulary

HELD_OUT_SCENES = 8  # of the 48 shipped ones, for validation and for the test, each
SPLITS = ("train", "validation", "test")
Rows = list[list[int]]


@dataclass(frozen=True)
class Text:
    """One text: its vocabulary, and sentences of ids from the mark of beginning to that of the end.

    train is in random order, so that its first sentences are a fair sample of all.
    """

    vocabulary: Vocabulary
    train: Rows
    validation: Rows
    test: Rows

    @property
    def choices(self) -> int:
        """How many words may come next: all but padding and the mark of beginning."""
        return len(self.vocabulary) - 2

    @property
    def digest(self) -> str:
        """What identifies the sentences that are learned from and measured on."""
        return hashlib.sha256(repr((self.train, self.test)).encode()).hexdigest()


def load_texts(tier: str, fewest: int, seed: int) -> dict[str, Text]:
    """{name: text}: the shipped captions (mini), or Flickr8k's and Tatoeba's English (full).

    fewest: how often a word must occur in training; a rarer one is unknown. The vocabulary is that
    of the whole training split.
    """
    if tier == "mini":
        sentences = {"captions": _shipped_captions(seed)}
    else:
        sentences = {"flickr8k": _flickr8k(), "tatoeba": _tatoeba()}
    return {name: _text(splits, fewest, seed) for name, splits in sentences.items()}


def _text(sentences: dict[str, Sequence[str]], fewest: int, seed: int) -> Text:
    words = {split: [plain_words(text) for text in texts] for split, texts in sentences.items()}
    random.Random(seed).shuffle(words["train"])
    vocabulary = Vocabulary.of(words["train"], fewest=fewest)
    train, validation, test = (
        [vocabulary.encode(row, marks=True) for row in words[split]] for split in SPLITS
    )
    return Text(vocabulary, train, validation, test)


def _shipped_captions(seed: int) -> dict[str, Sequence[str]]:
    """The English captions that ship; the scenes held out are chosen by the seed."""
    captions = load_captions("english")
    scenes = sorted({caption.scene for caption in captions})
    random.Random(seed).shuffle(scenes)
    parts = {
        "test": scenes[:HELD_OUT_SCENES],
        "validation": scenes[HELD_OUT_SCENES : 2 * HELD_OUT_SCENES],
        "train": scenes[2 * HELD_OUT_SCENES :],
    }
    return {
        split: [caption.text for caption in captions if caption.scene in chosen]
        for split, chosen in parts.items()
    }


def _flickr8k() -> dict[str, Sequence[str]]:
    """The English captions of Flickr8k, in the split of its publishers."""
    return {
        split: [text for texts in load_flickr8k_captions(split)[1]["en"] for text in texts]
        for split in SPLITS
    }


def _tatoeba() -> dict[str, Sequence[str]]:
    """Tatoeba's English sentences, each once."""
    return {split: list(dict.fromkeys(load_tatoeba(split).sentences["en"])) for split in SPLITS}

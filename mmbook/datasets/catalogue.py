"""Every data set of the book, and one call over all of them.

A new set is a file with its entry and its loader, and one line in CATALOGUE.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mmbook.datasets.digits.av_mnist import AV_MNIST, load_av_mnist
from mmbook.datasets.digits.bank import DIGITS
from mmbook.datasets.digits.items import load_digits
from mmbook.datasets.entries import DataSet, RealSet
from mmbook.datasets.fetching.integrity import record_places
from mmbook.datasets.real.audio_cmn import AUDIO_CMN, load_audio_cmn
from mmbook.datasets.real.coco_cc import COCO_CC, load_coco_cc
from mmbook.datasets.real.easy_vqa import EASY_VQA, load_easy_vqa
from mmbook.datasets.real.emoji import EMOJI, load_emoji
from mmbook.datasets.real.esc10 import ESC_10, load_esc10
from mmbook.datasets.real.flickr8k import FLICKR8K, load_flickr8k
from mmbook.datasets.real.fsdd import FSDD, load_recordings
from mmbook.datasets.real.mnist import FASHION_MNIST, MNIST, load_labelled
from mmbook.datasets.real.multi30k import MULTI30K, load_multi30k
from mmbook.datasets.real.nltk_data import NLTK_DATA, load_nltk
from mmbook.datasets.real.tatoeba import TATOEBA, load_tatoeba
from mmbook.datasets.scenes.collection import SCENES, load_scenes
from mmbook.datasets.small.captions import CAPTIONS, load_captions
from mmbook.datasets.small.spoken_digits import SPOKEN_DIGITS, load_spoken_digits
from mmbook.datasets.small.spoken_words import SPOKEN_SCENE_WORDS, load_spoken_words
from mmbook.datasets.speech_faults.collection import SPEECH_FAULTS, load_speech_faults

CATALOGUE: Mapping[DataSet, Callable[..., Any]] = {
    DIGITS: load_digits,
    AV_MNIST: load_av_mnist,
    SCENES: load_scenes,
    SPEECH_FAULTS: load_speech_faults,
    SPOKEN_DIGITS: load_spoken_digits,
    SPOKEN_SCENE_WORDS: load_spoken_words,
    CAPTIONS: load_captions,
    MNIST: partial(load_labelled, MNIST.name),
    FASHION_MNIST: partial(load_labelled, FASHION_MNIST.name),
    FSDD: load_recordings,
    ESC_10: load_esc10,
    EMOJI: load_emoji,
    AUDIO_CMN: load_audio_cmn,
    EASY_VQA: load_easy_vqa,
    COCO_CC: load_coco_cc,
    FLICKR8K: load_flickr8k,
    MULTI30K: load_multi30k,
    TATOEBA: load_tatoeba,
    NLTK_DATA: load_nltk,
}


def find(name: str) -> DataSet:
    """The entry of that name. Raises ValueError where there is none."""
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    raise ValueError(
        f"there is no data set {name!r}; there are {', '.join(entry.name for entry in CATALOGUE)}"
    )


def real_sets() -> tuple[RealSet, ...]:
    """The entries that do not ship with the book."""
    return tuple(entry for entry in CATALOGUE if isinstance(entry, RealSet))


# Loaders cannot ask for this: the catalogue imports them. It is imported before any of them runs.
record_places(source for entry in real_sets() for source in entry.sources)


def load(name: str, *split: str, **options: Any) -> Any:
    """Load a split of the named data set into memory.

    split: one of the entry's `splits`; NLTK's data has none. options: those of the set's loader,
    which stands beside its entry. Returns what that loader returns: a collection of
    `mmbook.datasets.collections`, mostly. Raises ValueError for an unknown name or split,
    DataMissingError (which says how to get the set) where a real set is not on this machine,
    DataDamagedError where a file is broken.
    """
    return CATALOGUE[find(name)](*split, **options)

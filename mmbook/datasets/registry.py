"""One call over all data sets."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, overload

from mmbook.batch import Batch
from mmbook.datasets.collections import (
    CaptionedImages,
    Emoji,
    LabelledAudio,
    LabelledImages,
    ParallelSentences,
    QuestionedImages,
    SpokenWords,
)
from mmbook.datasets.digits.items import Corruption, draw, load_bank
from mmbook.datasets.digits.tasks import Task
from mmbook.datasets.real.audio_cmn import load_audio_cmn
from mmbook.datasets.real.coco_cc import load_coco_cc
from mmbook.datasets.real.easy_vqa import load_easy_vqa
from mmbook.datasets.real.emoji import load_emoji
from mmbook.datasets.real.esc10 import load_esc10
from mmbook.datasets.real.flickr8k import load_flickr8k
from mmbook.datasets.real.fsdd import load_recordings
from mmbook.datasets.real.mnist import load_labelled
from mmbook.datasets.real.multi30k import load_multi30k
from mmbook.datasets.real.nltk_data import NltkData, load_nltk
from mmbook.datasets.real.tatoeba import load_tatoeba
from mmbook.datasets.scenes.collection import SceneConfig, Scenes, load_scenes
from mmbook.datasets.small.captions import Caption, load_captions
from mmbook.datasets.small.spoken_digits import load_spoken_digits
from mmbook.datasets.small.spoken_words import load_spoken_words

TwoSplits = Literal["train", "test"]
ThreeSplits = Literal["train", "validation", "test"]
OwnSplits = Literal["train", "validation", "test", "all"]


def load_digits(
    split: str,
    *,
    size: int,
    tier: str = "mini",
    task: str | Task = "copy",
    corruption: Corruption | None = None,
    seed: int = 0,
) -> Batch:
    """Trimodal digits: see `mmbook.datasets.digits.items`."""
    return draw(load_bank(split, tier), size, task=task, corruption=corruption, seed=seed)


LOADERS: dict[str, Callable[..., Any]] = {
    "digits": load_digits,
    "scenes": load_scenes,
    "spoken-digits": load_spoken_digits,
    "spoken-scene-words": load_spoken_words,
    "captions": load_captions,
    "mnist": partial(load_labelled, "mnist"),
    "fashion-mnist": partial(load_labelled, "fashion-mnist"),
    "fsdd": load_recordings,
    "esc-10": load_esc10,
    "emoji": load_emoji,
    "audio-cmn": load_audio_cmn,
    "easy-vqa": load_easy_vqa,
    "coco-cc": load_coco_cc,
    "flickr8k": load_flickr8k,
    "multi30k": load_multi30k,
    "tatoeba": load_tatoeba,
    "nltk": load_nltk,
}


@overload
def load(
    name: Literal["digits"],
    split: ThreeSplits,
    *,
    size: int,
    tier: Literal["mini", "full"] = ...,
    task: str | Task = ...,
    corruption: Corruption | None = ...,
    seed: int = ...,
) -> Batch: ...
@overload
def load(
    name: Literal["scenes"],
    split: ThreeSplits,
    *,
    size: int = ...,
    count: int = ...,
    start: int = ...,
    seed: int = ...,
    level: str = ...,
    config: SceneConfig | None = ...,
) -> Scenes: ...
@overload
def load(name: Literal["captions"], split: Literal["english", "chinese"]) -> list[Caption]: ...
@overload
def load(
    name: Literal["spoken-digits", "spoken-scene-words"],
    split: ThreeSplits,
    *,
    languages: Sequence[str] = ...,
) -> LabelledAudio: ...
@overload
def load(name: Literal["mnist", "fashion-mnist"], split: TwoSplits) -> LabelledImages: ...
@overload
def load(
    name: Literal["fsdd"], split: TwoSplits, *, held_out: Sequence[str] = ...
) -> LabelledAudio: ...
@overload
def load(
    name: Literal["esc-10"], split: TwoSplits, *, fold: int = ..., rate: int = ...
) -> LabelledAudio: ...
@overload
def load(
    name: Literal["emoji"],
    split: OwnSplits,
    *,
    size: int = ...,
    languages: Sequence[str] = ...,
    limit: int | None = ...,
) -> Emoji: ...
@overload
def load(
    name: Literal["audio-cmn"], split: OwnSplits, *, rate: int = ..., limit: int | None = ...
) -> SpokenWords: ...
@overload
def load(
    name: Literal["easy-vqa"], split: TwoSplits, *, size: int = ..., limit: int | None = ...
) -> QuestionedImages: ...
@overload
def load(
    name: Literal["coco-cc"],
    split: Literal["train", "validation", "all"],
    *,
    size: int = ...,
    fit: str = ...,
    limit: int | None = ...,
) -> CaptionedImages: ...
@overload
def load(
    name: Literal["flickr8k"],
    split: ThreeSplits,
    *,
    size: int = ...,
    fit: str = ...,
    languages: Sequence[str] = ...,
    limit: int | None = ...,
) -> CaptionedImages: ...
@overload
def load(
    name: Literal["multi30k"],
    split: Literal["train", "validation", "test", "test-2017", "test-2018", "test-coco"],
    *,
    languages: Sequence[str] = ...,
) -> ParallelSentences: ...
@overload
def load(name: Literal["tatoeba"], split: OwnSplits) -> ParallelSentences: ...
@overload
def load(name: Literal["nltk"]) -> NltkData: ...
def load(name: str, *split: str, **options: Any) -> Any:
    """Load a split of the named data set into memory.

    name: as in `mmbook.datasets.catalogue`. split: the overloads name each set's; NLTK's data has
    none. options: those of the set's loader in LOADERS, which its overload shows.
    Raises ValueError for an unknown name or split, DataMissingError (which says how to get the
    set) where a real set is not on this machine, DataDamagedError where a file is broken.
    """
    if name not in LOADERS:
        raise ValueError(f"there is no data set {name!r}; there are {', '.join(LOADERS)}")
    return LOADERS[name](*split, **options)

"""The settings of the experiment on scarce labels, and the ways that it compares."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.preprocessing.images.policy import Augmentation

Start = Literal["random", "transfer", "views"]
Extra = Literal["", "sure", "all", "fonts", "sound", "shuffled sound"]


@dataclass(frozen=True)
class Way:
    """How a network is trained on a few labelled pictures.

    start: where its features come from. frozen: whether they stay as they are. extra: the pictures
    of half of every batch's samples, with labels that nobody gave by hand; "" for none. augment:
    whether pictures are changed by chance. again: another first network, all else the same.
    """

    start: Start = "random"
    frozen: bool = False
    extra: Extra = ""
    augment: bool = False
    again: bool = False


ALONE, AUGMENTED = "labels alone", "augmentation"
AGAIN = "labels alone, again"
WAYS = {
    ALONE: Way(),
    AGAIN: Way(again=True),
    AUGMENTED: Way(augment=True),
    "random features, frozen": Way(frozen=True),
    "transfer, frozen": Way("transfer", frozen=True),
    "transfer, fine-tuned": Way("transfer"),
    "two views, frozen": Way("views", frozen=True),
    "two views, fine-tuned": Way("views"),
    "pseudo-labels, sure": Way(extra="sure"),
    "pseudo-labels, all": Way(extra="all"),
    "fonts": Way(extra="fonts"),
    "sound as teacher": Way(extra="sound"),
    "sound, shuffled": Way(extra="shuffled sound"),
    "augmentation, transfer": Way("transfer", augment=True),
    "augmentation, two views": Way("views", augment=True),
    "augmentation, pseudo-labels": Way(extra="sure", augment=True),
    "augmentation, fonts": Way(extra="fonts", augment=True),
    "augmentation, sound": Way(extra="sound", augment=True),
}
WITHOUT = {  # no labelled picture at all
    "fonts, no labels": Way(extra="fonts"),
    "sound as teacher, no labels": Way(extra="sound"),
}
# Ways that have the rate of another: they are its controls.
SAME_RATE = {AGAIN: ALONE, "sound, shuffled": "sound as teacher"}


@dataclass(frozen=True)
class Tuning:
    """How each way's rate is chosen: on draws of data of their own, and for all sizes.

    draws: seeds of them. labels: of training. validation: labelled pictures, no more than those of
    training, as nobody who has few labels has many for validation (Oliver et al. 2018). rates: to
    choose from; of equal ones the smaller is taken.
    """

    draws: tuple[int, ...] = (1_000, 1_001, 1_002)
    labels: int = 100
    validation: int = 100
    rates: tuple[float, ...] = (1e-3, 3e-3, 1e-2, 3e-2)


@dataclass(frozen=True)
class Pretraining:
    """Of the features: from labelled pictures of another kind, or from two views of a picture.

    source: labelled pictures of the other kind. scale: of the contrastive loss.
    """

    source: int = 10_000
    steps: int = 500
    batch_size: int = 128
    learning_rate: float = 2e-3
    scale: float = 10.0
    views: Augmentation = field(default_factory=lambda: Augmentation(15, 0.2, 0.15))


@dataclass(frozen=True)
class ScarcityConfig:
    """The sets, how many labels, and how every network is trained.

    images: the pictures. source: what features are transferred from. side: of a picture, in
    pixels. box: of a digit in it. sizes: numbers of labels, a tenth of each class. pool: pictures
    without labels. fonts: digits drawn from fonts. batch_size: labelled samples of a step, and as
    many extra ones. sure: the confidence from which a pseudo-label is taken.
    """

    images: Literal["digits", "MNIST"]
    source: Literal["letters", "Fashion-MNIST"]
    speech: Literal["synthetic", "FSDD"]
    side: int
    box: int
    sizes: tuple[int, ...]
    pool: int
    fonts: int = 2_000
    steps: int = 300
    batch_size: int = 32
    sure: float = 0.95
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(10, 0.1, 0.1))
    pretraining: Pretraining = field(default_factory=Pretraining)
    tuning: Tuning = field(default_factory=Tuning)
    takes: int = 3
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


TIERS = {
    "mini": ScarcityConfig(
        images="digits",
        source="letters",
        speech="synthetic",
        side=8,
        box=8,
        sizes=(10, 30, 100),
        pool=600,
        steps=200,
        pretraining=Pretraining(source=2_300, steps=250),
    ),
    "full": ScarcityConfig(
        images="MNIST",
        source="Fashion-MNIST",
        speech="FSDD",
        side=14,
        box=10,
        sizes=(10, 30, 100, 300, 1_000),
        pool=5_000,
    ),
}

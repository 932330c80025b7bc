"""A split's raw images, clips and words of digits, before anything is drawn from them."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from mmbook.datasets.entries import DataSet
from mmbook.datasets.real.mnist import load_mnist
from mmbook.datasets.small.spoken_digits import (
    CHINESE,
    ENGLISH,
    RATE,
    Clips,
    load_fsdd,
    load_synthetic,
)
from mmbook.preprocessing.images.transforms import resize
from mmbook.preprocessing.text.characters import CharacterTokenizer
from mmbook.preprocessing.text.tokenizers import encode_batch

DIGITS = DataSet(
    name="digits",
    splits=("train", "validation", "test"),
    title="Trimodal digits",
    kind="generated",
    what="An image, a spoken word and a written word of one digit, drawn at random and spoilt as "
    "much as you ask. Splits train, validation and test share no image and no voice.",
    teaches="fusion, and what each sense is worth when it is disturbed",
    size="none: drawn from scikit-learn's 1797 images of 8 × 8 pixels and the shipped voices",
    licence="CC0 1.0 (voices), CC BY 4.0 (images)",
    homepage="https://archive.ics.uci.edu/dataset/80",
    citations=("alpaydin1998optical", "espeakng"),
)

SPLITS = ("train", "validation", "test")
TIERS = ("mini", "full")
INSTRUCTIONS = ("look", "看", "listen", "听")
TOKENIZER = CharacterTokenizer.of((*ENGLISH, *CHINESE, *INSTRUCTIONS))
TEXT_LENGTH = max(len(word) for word in (*ENGLISH, *INSTRUCTIONS))

_MINI_ENDS = {"train": (0, 1000), "validation": (1000, 1200), "test": (1200, 1797)}
_FULL_ENDS = {
    "train": ("train", slice(0, 55_000)),
    "validation": ("train", slice(55_000, 60_000)),
    "test": ("t10k", slice(0, 10_000)),
}


@dataclass(frozen=True)
class DigitBank:
    """One split's items in memory.

    images: (P, 1, size, size) float32 in [0, 1]; image_labels: (P,).
    clips: (C, samples) float32 at `rate` Hz; clip_labels: (C,); clip_words and voices: C strings.
    words: (W, TEXT_LENGTH) ids of TOKENIZER; word_labels: (W,); word_strings: W strings.
    """

    images: Tensor
    image_labels: Tensor
    clips: Tensor
    clip_labels: Tensor
    clip_words: list[str]
    voices: list[str]
    words: Tensor
    word_labels: Tensor
    word_strings: list[str]
    rate: int


def load_bank(split: str, tier: str = "mini", *, image_size: int = 28) -> DigitBank:
    """Load a split: no image and no voice is in two of them.

    split: "train", "validation" or "test".
    tier: "mini", scikit-learn's digits (8 x 8, 1000/200/597; writers are not recorded, so they may
    be shared between splits) and synthetic voices (16/2/6); or "full", MNIST (55 000/5000/10 000)
    and FSDD, whose validation takes are of the training speakers, and whose test speakers are not.
    image_size: what the images are resized to, in pixels; 8 leaves those of mini as they are.
    Raises ValueError for another name, DataMissingError where the full tier is not on this machine.
    """
    if split not in SPLITS:
        raise ValueError(f"there is no split {split!r}; there are {', '.join(SPLITS)}")
    if tier not in TIERS:
        raise ValueError(f"there is no tier {tier!r}; there are {', '.join(TIERS)}")
    if tier == "mini":
        return _bank(*_mini_images(split), load_synthetic(split), image_size)
    part, rows = _FULL_ENDS[split]
    images, labels = load_mnist(part)
    return _bank(images[rows].float() / 255, labels[rows], load_fsdd(split), image_size)


def _mini_images(split: str) -> tuple[Tensor, Tensor]:
    """Scikit-learn's digits of a split, (n, 8, 8) in [0, 1] and their labels."""
    pixels, labels = load_digits(return_X_y=True)  # (1797, 64) in 0..16, (1797,)
    # RandomState, not default_rng: NumPy guarantees that this stream never changes.
    order = np.random.RandomState(0).permutation(len(labels))
    rows = order[slice(*_MINI_ENDS[split])]
    images = torch.tensor(pixels[rows], dtype=torch.float32).reshape(-1, 8, 8) / 16
    return images, torch.tensor(labels[rows], dtype=torch.int64)


def _bank(images: Tensor, labels: Tensor, clips: Clips, image_size: int) -> DigitBank:
    """Put one split's images (n, height, width), clips and the words of all digits together."""
    if images.shape[-1] != image_size:
        images = torch.from_numpy(resize(images.numpy(), image_size))
    strings = [*ENGLISH, *CHINESE]
    return DigitBank(
        images=images[:, None],
        image_labels=labels,
        clips=clips.waveforms,
        clip_labels=clips.labels,
        clip_words=clips.words,
        voices=clips.voices,
        words=encode_batch(TOKENIZER, strings, TEXT_LENGTH).values,
        word_labels=torch.arange(10).repeat(2),
        word_strings=strings,
        rate=RATE,
    )

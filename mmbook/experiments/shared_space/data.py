"""Digits as four senses in memory, of which a sample names a row each."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import ENGLISH, TOKENIZER, load_bank
from mmbook.datasets.digits.items import SPECTROGRAM
from mmbook.datasets.streams import stream
from mmbook.experiments.shared_space.config import WITHHELD, System
from mmbook.preprocessing.audio.mel import log_mel_spectrogram, normalise_bands

DIGITS = 10
LANGUAGES = ("english", "chinese")
VOCABULARY = len(TOKENIZER)


@dataclass(frozen=True, eq=False)
class Senses:
    """A split's images, English clips and words.

    values: {"image": (P, 1, size, size), "audio": (C, frames, mels), "english" and "chinese":
    (10, length) ids}. labels: {sense: the digit of each}.
    """

    values: Mapping[str, Tensor]
    labels: Mapping[str, Tensor]

    def first(self, images: int) -> "Senses":
        """The same with this many images at most."""
        cut = {"image": slice(images)}
        return Senses(
            {m: x[cut.get(m, slice(None))] for m, x in self.values.items()},
            {m: x[cut.get(m, slice(None))] for m, x in self.labels.items()},
        )


def load(split: str, bank: str, size: int = 28) -> Senses:
    """The senses of a split of `load_bank`, images of this size. Raises what that raises."""
    items = load_bank(split, bank, image_size=size)
    spoken = torch.tensor([word in ENGLISH for word in items.clip_words])  # FSDD has no other
    audio = normalise_bands(log_mel_spectrogram(items.clips[spoken], SPECTROGRAM))
    values = {"image": items.images, "audio": audio}
    labels = {"image": items.image_labels, "audio": items.clip_labels[spoken]}
    for number, language in enumerate(LANGUAGES):
        rows = slice(number * DIGITS, (number + 1) * DIGITS)
        values[language], labels[language] = items.words[rows], items.word_labels[rows]
    return Senses(values, labels)


def pick(labels: Tensor, digits: Tensor, generator: Generator) -> Tensor:
    """For each digit the row of a random item with that label, in the shape of `digits`."""
    order = labels.argsort(stable=True)
    counts = labels.bincount(minlength=DIGITS)
    starts = counts.cumsum(0) - counts
    chance = torch.rand(digits.shape, generator=generator, dtype=torch.float64)
    return order[starts[digits] + (chance * counts[digits]).long()]


def draw(senses: Senses, system: System, count: int, seed: int) -> Batch:
    """Samples as rows: of each sense of the system a random item of one digit, uniformly drawn.

    Inputs are (count,) row numbers, which `Shown` replaces; words that are withheld are absent.
    """
    generator = stream("shared space", seed)
    digits = torch.tensor([d for d in range(DIGITS) if not _without(system, d)])
    label = digits[torch.randint(len(digits), (count,), generator=generator)]
    rows = {m: pick(senses.labels[m], label, generator) for m in system.senses}
    absent = [m for m in LANGUAGES if m in rows] if system.withheld == "words" else []
    return Batch(rows, {"label": label}, {m: label != WITHHELD for m in absent})


def _without(system: System, digit: int) -> bool:
    return system.withheld == "digit" and digit == WITHHELD


@dataclass(frozen=True, eq=False)
class Shown:
    """Replaces row numbers by what stands there: the `augment` of a training run."""

    values: Mapping[str, Tensor]

    def __call__(self, batch: Batch) -> Batch:
        """See the class."""
        inputs = {m: self.values[m][rows.cpu()].to(rows.device) for m, rows in batch.inputs.items()}
        return Batch(inputs, batch.targets, batch.present)

"""What `load` returns: raw items in memory, one frozen dataclass for each kind of data.

Fields hold one entry an item, but for those named in `shared`. Every collection has a length, and
`collection[rows]` is the collection of those items: a slice, row numbers or a mask, as in
`mmbook.rows.row_numbers`, which raises IndexError for all else.
"""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.preprocessing.audio.mel import SpectrogramConfig, log_mel_spectrogram, normalise_bands
from mmbook.rows import Rows, row_numbers

_CHUNK = 256  # clips transformed at a time: their spectra stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Collection:
    """Items that are indexed together. Raises ValueError where their numbers differ.

    shared: the fields that belong to all items together, such as the names of the classes.
    """

    shared: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        lengths = {name: _length(value) for name, value in self._items().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{type(self).__name__} must have equal lengths, got {lengths}")

    def __len__(self) -> int:
        return next(_length(value) for value in self._items().values())

    def __getitem__(self, rows: Rows) -> Self:
        numbers = row_numbers(rows, len(self)).tolist()
        picked = {name: _pick(value, numbers) for name, value in self._items().items()}
        return replace(self, **picked)

    def _items(self) -> dict[str, Any]:
        own = (entry.name for entry in fields(self) if entry.name not in self.shared)
        return {name: getattr(self, name) for name in own}


def _length(value: Any) -> int:
    """How many items a field holds; a mapping holds one sequence a language."""
    if not isinstance(value, dict):
        return len(value)
    lengths = {len(sequence) for sequence in value.values()}
    if len(lengths) != 1:
        raise ValueError(f"{list(value)} must be of one length, got {sorted(lengths)}")
    return lengths.pop()


def _pick(value: Any, rows: list[int]) -> Any:
    if isinstance(value, dict):
        return {name: _pick(sequence, rows) for name, sequence in value.items()}
    if isinstance(value, Tensor):
        return value[torch.tensor(rows, dtype=torch.int64, device=value.device)]
    return tuple(value[row] for row in rows)


@dataclass(frozen=True, eq=False)
class LabelledImages(Collection):
    """Images of one thing each.

    images: (n, channels, height, width) uint8. labels: (n,) places in `classes`.
    """

    shared = ("classes",)

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def samples(self) -> Batch:
        """As a network reads them: "image" (n, channels, height, width) float32 in [0, 1]."""
        return Batch({"image": self.images.float() / 255}, {"label": self.labels})


@dataclass(frozen=True, eq=False)
class LabelledAudio(Collection):
    """Sounds of one thing each.

    waveforms: (n, samples) float32 at `rate` Hz, padded with zeros at the end.
    lengths: (n,) samples before the padding. labels: (n,) places in `classes`.
    texts: what is said, or the name of the sound. origins: the speaker, or the recording that a
    clip was cut from; a fair split shares none. files: where each came from.
    """

    shared = ("classes", "rate")

    waveforms: Tensor
    lengths: Tensor
    labels: Tensor
    texts: tuple[str, ...]
    origins: tuple[str, ...]
    files: tuple[Path, ...]
    classes: tuple[str, ...]
    rate: int

    def samples(self, config: SpectrogramConfig | None = None) -> Batch:
        """As a network reads them: "audio" (n, frames, mels) log-mel, each band's mean removed.

        Frames whose centre lies in the padding are zero. config: by default, that of `mel` at the
        sounds' rate. Raises ValueError where the configuration is for another rate.
        """
        config = config or SpectrogramConfig(rate=self.rate)
        if config.rate != self.rate:
            raise ValueError(f"the sounds have {self.rate} samples a second, not {config.rate}")
        parts = zip(self.waveforms.split(_CHUNK), self.lengths.split(_CHUNK), strict=True)
        speech = [_features(clips, lengths, config) for clips, lengths in parts]
        return Batch({"audio": torch.cat(speech)}, {"label": self.labels})


def _features(clips: Tensor, lengths: Tensor, config: SpectrogramConfig) -> Tensor:
    """Normalised log-mel of padded clips, (n, samples) -> (n, frames, mels)."""
    log_mel = log_mel_spectrogram(clips, config)
    centres = torch.arange(log_mel.shape[1], device=clips.device) * config.hop
    return normalise_bands(log_mel, centres < lengths[:, None])


@dataclass(frozen=True, eq=False)
class SpokenWords(LabelledAudio):
    """Spoken words and the emoji that they mean; each word is a class of its own.

    named: for each word, the emoji whose Chinese name it is. related: those of which it is a
    keyword. Both hold characters, as in `Emoji.characters`.
    """

    named: tuple[tuple[str, ...], ...]
    related: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class CaptionedImages(Collection):
    """Images and sentences that describe them.

    images: (n, 3, height, width) uint8. names: the publisher's name of each image.
    captions: {language: for each image, its sentences}. credits: licence and source of each
    image where they must be shown with it, else "". files: the images as published.
    """

    images: Tensor
    names: tuple[str, ...]
    captions: dict[str, tuple[tuple[str, ...], ...]]
    credits: tuple[str, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, eq=False)
class QuestionedImages(Collection):
    """Questions about images; an item is a question, and each image is stored once.

    images: (p, 3, height, width) uint8. image_rows: (n,) the image of each question.
    questions, answers: n strings. answer_ids: (n,) places in `classes`.
    """

    shared = ("images", "classes")

    image_rows: Tensor
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    answer_ids: Tensor
    images: Tensor
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Emoji(Collection):
    """Small images with a name and keywords in several languages.

    images: (n, 3, size, size) uint8 on white. characters: the emoji as text.
    names: {language: n names}. keywords: {language: for each emoji, its keywords}.
    """

    images: Tensor
    characters: tuple[str, ...]
    names: dict[str, tuple[str, ...]]
    keywords: dict[str, tuple[tuple[str, ...], ...]]
    files: tuple[Path, ...]


@dataclass(frozen=True, eq=False)
class ParallelSentences(Collection):
    """Sentences and their translations.

    sentences: {language: n sentences}. origins: what the sentence was said of (the file of a
    photograph) or who wrote it (a credit that must be kept).
    """

    sentences: dict[str, tuple[str, ...]]
    origins: tuple[str, ...]

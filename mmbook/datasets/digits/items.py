"""Trimodal digits: an image, a spoken word and a written word, and what may spoil each of them.

Senses are drawn independently given the digit: first the digit, then an image, a clip and a word
of it at random, all from one split. So they are conditionally independent by construction, and the
product rule of the fusion chapter is the best that any fusion can do on the task "copy".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import INSTRUCTIONS, TEXT_LENGTH, TOKENIZER, DigitBank, load_bank
from mmbook.datasets.digits.tasks import Task, find_task
from mmbook.datasets.streams import stream
from mmbook.preprocessing.audio.augmentation import change_speed
from mmbook.preprocessing.audio.mel import SpectrogramConfig, log_mel_spectrogram, normalise_bands
from mmbook.preprocessing.audio.waveforms import mix_at_snr
from mmbook.preprocessing.images.transforms import add_noise, blur
from mmbook.preprocessing.text.characters import add_typos, mask_characters
from mmbook.preprocessing.text.tokenizers import encode_batch

__all__ = [
    "Corruption",
    "DigitBank",
    "DigitItems",
    "corrupt",
    "draw",
    "draw_items",
    "load_bank",
    "waveforms",
]

SPECTROGRAM = SpectrogramConfig()
_CHUNK = 256  # clips transformed at a time: their spectra stay in the processor's cache

Range = float | tuple[float, float]


@dataclass(frozen=True)
class Corruption:
    """What spoils the senses; each a number, or (low, high) drawn uniformly for each sample.

    image_blur: sigma of a Gaussian in pixels, applied first. image_noise: sigma of the noise
    on pixels in [0, 1]. audio_speed: above 1 is faster and higher, applied first. audio_snr_db:
    white noise at this ratio in decibels, None for none. text_typos and text_mask: the probability
    that a character is replaced by another, or hidden.
    """

    image_noise: Range = 0.0
    image_blur: Range = 0.0
    audio_speed: Range = 1.0
    audio_snr_db: Range | None = None
    text_mask: Range = 0.0
    text_typos: Range = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            ends = value if isinstance(value, tuple) else (value, value)
            if value is None and name == "audio_snr_db":
                continue
            is_pair = len(ends) == 2 and all(isinstance(end, Real) for end in ends)
            if not is_pair or not ends[0] <= ends[1]:
                raise ValueError(f"{name} must be a number or (low, high), got {value}")


@dataclass(frozen=True)
class DigitItems:
    """Which items of a bank make up each sample, and what is asked about them; n samples.

    image, clip: (n,) rows of the bank. text: (n, TEXT_LENGTH) ids, or None where a task has none.
    image_digits, speech_digits: (n,) what image and clip show. targets: (n,).
    """

    image: Tensor
    clip: Tensor
    text: Tensor | None
    image_digits: Tensor
    speech_digits: Tensor
    targets: Tensor


def draw_items(
    bank: DigitBank, size: int, *, task: str | Task = "copy", seed: int = 0
) -> DigitItems:
    """Draw samples of a task, clean and as indices; the same seed gives the same draw.

    Raises ValueError for an unknown task or a size below 1.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    task = find_task(task)
    generator = stream("items", seed)
    a, b = task.digits(size, generator)
    listen = torch.rand(size, generator=generator) < 0.5
    return DigitItems(
        image=_pick(bank.image_labels, a, generator),
        clip=_pick(bank.clip_labels, b, generator),
        text=_text(bank, task, a, listen, generator),
        image_digits=a,
        speech_digits=b,
        targets=task.label(a, b, listen),
    )


def waveforms(
    bank: DigitBank, items: DigitItems, corruption: Corruption, *, seed: int = 0
) -> Tensor:
    """The clips of the samples with their noise, (n, samples): what `corrupt` transforms."""
    return torch.cat(list(_noisy_clips(bank, items, corruption, seed)))


def corrupt(bank: DigitBank, items: DigitItems, corruption: Corruption, *, seed: int = 0) -> Batch:
    """Spoil the items and bring them to the form that networks read.

    Each sense has its own random stream: to spoil one more or less changes no other.
    Returns "image" (n, 1, size, size), "audio" (n, frames, mels) log-mel
    with each band's mean removed, and "text" (n, TEXT_LENGTH) where the task has one.
    """
    size = len(items.targets)
    generator = stream("picture", seed)
    images = bank.images[items.image]
    images = blur(images, _sample(corruption.image_blur, size, generator))
    images = add_noise(images, _sample(corruption.image_noise, size, generator), generator)
    speech = [
        normalise_bands(log_mel_spectrogram(clips, SPECTROGRAM))
        for clips in _noisy_clips(bank, items, corruption, seed)
    ]
    inputs = {"image": images, "audio": torch.cat(speech)}
    if items.text is not None:
        generator = stream("text", seed)
        typos = _sample(corruption.text_typos, size, generator)
        text = add_typos(items.text, typos, generator, len(TOKENIZER))
        mask = _sample(corruption.text_mask, size, generator)
        inputs["text"] = mask_characters(text, mask, generator)
    return Batch(inputs, {"label": items.targets})


def draw(
    bank: DigitBank,
    size: int,
    *,
    task: str | Task = "copy",
    corruption: Corruption | None = None,
    seed: int = 0,
) -> Batch:
    """Draw samples of a task from a split, spoil them, and return inputs and targets.

    task: a name of `mmbook.datasets.digits.tasks.TASKS` or a Task. corruption: none by default.
    See `draw_items` and `corrupt`, of which this is the composition.
    """
    items = draw_items(bank, size, task=task, seed=seed)
    return corrupt(bank, items, corruption or Corruption(), seed=seed)


def _pick(labels: Tensor, digits: Tensor, generator: Generator) -> Tensor:
    """For each digit, the row of a random item with that label, (n,)."""
    order = labels.argsort(stable=True)
    counts = labels.bincount(minlength=10)
    starts = counts.cumsum(0) - counts
    chance = torch.rand(len(digits), generator=generator, dtype=torch.float64)
    return order[starts[digits] + (chance * counts[digits]).long()]


def _text(
    bank: DigitBank, task: Task, digit: Tensor, listen: Tensor, generator: Generator
) -> Tensor | None:
    """A word for the digit, or an instruction, in either language; (n, TEXT_LENGTH) or None."""
    if task.text == "none":
        return None
    if task.text == "word":
        return bank.words[_pick(bank.word_labels, digit, generator)]
    language = torch.randint(2, digit.shape, generator=generator)
    instructions = encode_batch(TOKENIZER, INSTRUCTIONS, TEXT_LENGTH).values
    return instructions[2 * listen.long() + language]


def _sample(value: Range, size: int, generator: Generator) -> Tensor:
    """One value for each sample, (size,)."""
    low, high = value if isinstance(value, tuple) else (value, value)
    return low + (high - low) * torch.rand(size, generator=generator)


def _noisy_clips(
    bank: DigitBank, items: DigitItems, corruption: Corruption, seed: int
) -> Iterator[Tensor]:
    """The clips with their noise, _CHUNK samples at a time."""
    generator = stream("speech", seed)
    snr, size = corruption.audio_snr_db, len(items.clip)
    ratios = None if snr is None else _sample(snr, size, generator)
    speeds = _sample(corruption.audio_speed, size, stream("speed", seed))
    for start in range(0, size, _CHUNK):
        chunk = slice(start, start + _CHUNK)
        clips = bank.clips[items.clip[chunk]]
        if corruption.audio_speed != 1.0:
            clips = change_speed(clips, speeds[chunk])
        if ratios is not None:
            clips = mix_at_snr(clips, torch.randn(clips.shape, generator=generator), ratios[chunk])
        yield clips


def load_digits(
    split: str,
    *,
    size: int,
    tier: str = "mini",
    task: str | Task = "copy",
    corruption: Corruption | None = None,
    seed: int = 0,
) -> Batch:
    """As many samples as wanted, drawn from a split's bank: see `draw`."""
    return draw(load_bank(split, tier), size, task=task, corruption=corruption, seed=seed)

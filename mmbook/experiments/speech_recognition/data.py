"""The material of a seed: takes to train on, and strings of known and of new voices to test."""

from dataclasses import dataclass, replace

import torch
from torch import Generator

from mmbook.batch import Batch, Padded
from mmbook.datasets.digits.strings import (
    DigitStrings,
    StringConfig,
    chosen,
    draw_strings,
    singles,
    trimmed,
)
from mmbook.datasets.digits.takes import NEW as BY_SPEAKER
from mmbook.datasets.digits.takes import SEEN, Takes, recorded_takes, synthetic_takes
from mmbook.experiments.speech_recognition.config import KNOWN, NEW, SpeechRecognitionConfig
from mmbook.models.transcription import TranscriberConfig
from mmbook.training.saving.checkpoints import digest


@dataclass(frozen=True)
class Material:
    """What there is: takes whose speakers are held out by folds, and voices for training alone."""

    takes: Takes
    more: Takes | None

    @property
    def fingerprint(self) -> str:
        """What identifies all of it."""
        parts = [self.takes, *([self.more] if self.more else [])]
        return digest(
            {f"{i} {j}": clip for i, part in enumerate(parts) for j, clip in enumerate(part.clips)}
        )


def load(tier: str, config: SpeechRecognitionConfig) -> Material:
    """The synthetic voices of mini, or FSDD with the synthetic voices beside it."""
    synthetic = trimmed(synthetic_takes(config.takes))
    if tier == "full":
        return Material(trimmed(recorded_takes()), synthetic)
    return Material(synthetic, None)


@dataclass(frozen=True)
class Strings:
    """Training strings, never the same again: (generator, count) -> Batch.

    All strings of a batch have one number of digits, so that little of it is padding; short ones
    are drawn more often. share: of the strings that are drawn from `more`.
    """

    takes: Takes
    more: Takes | None
    share: float
    joining: StringConfig
    model: TranscriberConfig

    def __call__(self, generator: Generator, count: int) -> Batch:
        fewest, most = self.joining.digits
        chance = float(torch.rand((), generator=generator)) ** 3
        digits = fewest + int((most - fewest + 1) * chance)
        joining = replace(self.joining, digits=(digits, digits))
        others = round(count * self.share) if self.more else 0
        parts = [draw_strings(self.takes, count - others, generator, joining)]
        if others and self.more:
            parts.append(draw_strings(self.more, others, generator, joining))
        waveforms = Padded.joined([part.waveforms for part in parts])
        return Batch(
            {"audio": waveforms},
            {"label": labels(self.model, [text for part in parts for text in part.texts])},
        )


def labels(model: TranscriberConfig, texts: list[str]) -> Padded:
    """The letters of texts, as `ctc` wants them."""
    return Padded.of([torch.tensor(model.encode(text)) for text in texts])


def training(material: Material, seed: int, config: SpeechRecognitionConfig) -> Strings:
    """What a seed trains on: the speakers it does not leave out, but for their test takes."""
    takes = material.takes
    left_out = takes.held_out(BY_SPEAKER, seed % config.folds, config.folds)
    tested = takes.held_out(SEEN, 0, 1)
    return Strings(
        chosen(takes, ~left_out & ~tested),
        material.more,
        config.synthetic,
        config.train,
        config.model,
    )


def held_out_strings(
    material: Material, seed: int, config: SpeechRecognitionConfig
) -> dict[tuple[str, str], DigitStrings]:
    """{(whose voices, "strings" or "isolated"): what is said}; the isolated are all there are."""
    takes = material.takes
    left_out = takes.held_out(BY_SPEAKER, seed % config.folds, config.folds)
    tested = takes.held_out(SEEN, 0, 1)
    generator = Generator().manual_seed(1000 + seed)
    found: dict[tuple[str, str], DigitStrings] = {}
    for whose, rows in ((KNOWN, ~left_out & tested), (NEW, left_out)):
        part = chosen(takes, rows)
        found[whose, "strings"] = draw_strings(part, config.strings, generator, config.test)
        found[whose, "isolated"] = singles(part, generator, config.test)
    return found

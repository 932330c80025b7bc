"""Who trains, who fits a temperature, who tests; and what is heard of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import DigitBank
from mmbook.datasets.digits.items import Corruption, corrupt, draw_items
from mmbook.experiments.calibration.config import SHARES, CalibrationConfig


@dataclass(frozen=True)
class Voices:
    """The clips of a round.

    train: of the training voices. known: their takes that training lacks. other: of voices for a
    temperature. new: of the test's voices. shares: the names of the training voices, in SHARES.
    """

    train: DigitBank
    known: DigitBank
    other: DigitBank
    new: DigitBank
    shares: Sequence[Sequence[str]]

    def fold(self, left_out: Collection[int]) -> tuple[DigitBank, DigitBank]:
        """The training clips without some of the shares, and those of these shares."""
        names = {name for share in left_out for name in self.shares[share]}
        strange = [voice in names for voice in self.train.voices]
        return _rows(self.train, [not is_so for is_so in strange]), _rows(self.train, strange)


@dataclass(frozen=True)
class Heard:
    """Samples (n) with image and audio, and the voice of each by name."""

    samples: Batch
    voices: list[str]

    @property
    def target(self) -> Tensor:
        """(n,) digits."""
        return self.samples.target


def everyone(banks: Mapping[str, DigitBank]) -> DigitBank:
    """The clips of all splits together, with the images of the test."""
    parts = list(banks.values())
    return replace(
        banks["test"],
        clips=torch.cat([part.clips for part in parts]),
        clip_labels=torch.cat([part.clip_labels for part in parts]),
        clip_words=[word for part in parts for word in part.clip_words],
        voices=[voice for part in parts for voice in part.voices],
    )


def split(bank: DigitBank, config: CalibrationConfig, seed: int, number: int) -> Voices:
    """The voices of a round: an order that the seed draws, from which each round starts later.

    Raises ValueError where fewer voices than shares are left for training, or where the test
    voices of two rounds would be the same.
    """
    names, size = sorted(set(bank.voices)), config.voices
    if len(names) - 2 * size < SHARES or size * config.rounds > len(names):
        raise ValueError(
            f"of {len(names)} voices, {config.rounds} rounds cannot test {size} each, with as many "
            f"for a temperature and {SHARES} or more in training"
        )
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    ring = [names[i] for i in order.roll(-size * number).tolist()]
    new, other, trained = ring[:size], ring[size : 2 * size], ring[2 * size :]
    takes = _takes(bank)
    in_training = [voice in trained for voice in bank.voices]
    late = [take >= config.held_back for take in takes]
    train = _rows(bank, [a and b for a, b in zip(in_training, late, strict=True)])
    early = _rows(bank, [a and not b for a, b in zip(in_training, late, strict=True)])
    return Voices(
        train=train,
        known=early if config.held_back else train,
        other=_rows(bank, [voice in other for voice in bank.voices]),
        new=_rows(bank, [voice in new for voice in bank.voices]),
        shares=[trained[share::SHARES] for share in range(SHARES)],
    )


def hear(bank: DigitBank, size: int, noise: Corruption, seed: int) -> Heard:
    """Samples of a bank in noise; the same seed draws the same items and patterns of noise."""
    items = draw_items(bank, size, seed=seed)
    heard = corrupt(bank, items, noise, seed=seed).only("image", "audio")
    return Heard(heard, [bank.voices[clip] for clip in items.clip.tolist()])


def _takes(bank: DigitBank) -> list[int]:
    """How many clips of the same voice and digit come before each clip."""
    counts: dict[tuple[str, int], int] = {}
    takes = []
    for key in zip(bank.voices, bank.clip_labels.tolist(), strict=True):
        takes.append(counts.get(key, 0))
        counts[key] = takes[-1] + 1
    return takes


def _rows(bank: DigitBank, chosen: Sequence[bool]) -> DigitBank:
    """The bank with some of its clips."""
    rows = [row for row, is_chosen in enumerate(chosen) if is_chosen]
    return replace(
        bank,
        clips=bank.clips[rows],
        clip_labels=bank.clip_labels[rows],
        clip_words=[bank.clip_words[row] for row in rows],
        voices=[bank.voices[row] for row in rows],
    )

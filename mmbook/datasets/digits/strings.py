"""Strings of spoken digits, joined from single ones, with the times of each."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from mmbook.batch import Padded
from mmbook.datasets.digits.takes import Takes
from mmbook.datasets.real.fsdd import RATE, WORDS
from mmbook.preprocessing.audio.augmentation import change_speed
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.voice_activity import trim
from mmbook.preprocessing.audio.waveforms import mix_at_snr, normalise_level


@dataclass(frozen=True)
class StringConfig:
    """How digits are joined. Ranges are drawn from evenly.

    digits: fewest and most of a string. gap: seconds between two; edge: before the first and behind
    the last. speed: of each digit. snr_db: of white noise over the string.
    Raises ValueError for a range that is none.
    """

    digits: tuple[int, int] = (1, 5)
    gap: tuple[float, float] = (0.03, 0.3)
    edge: tuple[float, float] = (0.05, 0.3)
    speed: tuple[float, float] = (1.0, 1.0)
    snr_db: tuple[float, float] = (30.0, 40.0)

    def __post_init__(self) -> None:
        least = {"digits": 1, "gap": 0, "edge": 0, "speed": 0.1, "snr_db": -100}
        for name, low in least.items():
            bounds = getattr(self, name)
            if len(bounds) != 2 or not low <= bounds[0] <= bounds[1]:
                raise ValueError(
                    f"{name} must be two numbers from {low} up, in order, not {bounds}"
                )


@dataclass(frozen=True, eq=False)
class DigitStrings:
    """Strings of digits, each said by one speaker.

    waveforms: (n, longest) float32 at RATE, root mean square 0.1. texts: n strings of words, as
    "seven three". places: of each word of a string, its first and last second. speakers: n names.
    """

    waveforms: Padded
    texts: tuple[str, ...]
    places: tuple[tuple[tuple[float, float], ...], ...]
    speakers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)


def trimmed(takes: Takes) -> Takes:
    """The takes without the pauses before and behind each word, all at one level."""
    return replace(takes, clips=[_trimmed(clip) for clip in takes.clips])


def chosen(takes: Takes, rows: Tensor) -> Takes:
    """Some of the takes; rows: (n,) boolean."""
    places = rows.nonzero()[:, 0].tolist()
    return Takes(
        [takes.clips[place] for place in places],
        takes.labels[rows],
        [takes.speakers[place] for place in places],
        takes.take_groups[rows],
    )


def draw_strings(
    takes: Takes, count: int, generator: Generator, config: StringConfig | None = None
) -> DigitStrings:
    """Strings at random: a speaker, a number of digits, and digits of that speaker.

    Raises ValueError where there are no takes.
    """
    config = config or StringConfig()
    if not takes.clips:
        raise ValueError("there are no takes to join")
    speakers = sorted(set(takes.speakers))
    own = [[i for i, name in enumerate(takes.speakers) if name == who] for who in speakers]

    def whole(high: int) -> int:
        return int(torch.randint(high, (), generator=generator))

    picked, names = [], []
    for _ in range(count):
        who = whole(len(speakers))
        digits = config.digits[0] + whole(config.digits[1] - config.digits[0] + 1)
        picked.append([own[who][whole(len(own[who]))] for _ in range(digits)])
        names.append(speakers[who])
    return joined(takes, picked, names, generator, config)


def singles(takes: Takes, generator: Generator, config: StringConfig | None = None) -> DigitStrings:
    """Every take as a string of one digit."""
    rows = [[row] for row in range(len(takes.clips))]
    return joined(takes, rows, takes.speakers, generator, config or StringConfig())


def joined(
    takes: Takes,
    picked: Sequence[Sequence[int]],
    speakers: Sequence[str],
    generator: Generator,
    config: StringConfig,
) -> DigitStrings:
    """The takes that were picked for each string, one behind the other in noise."""

    def between(bounds: tuple[float, float], n: int) -> Tensor:
        return bounds[0] + (bounds[1] - bounds[0]) * torch.rand(n, generator=generator)

    flat = [row for rows in picked for row in rows]
    said = iter(_at_speeds([takes.clips[row] for row in flat], between(config.speed, len(flat))))
    waveforms, places = [], []
    for rows in picked:
        pauses = (between(config.gap, len(rows) + 1) * RATE).long()
        pauses[[0, -1]] = (between(config.edge, 2) * RATE).long()
        parts, here, at = [torch.zeros(int(pauses[0]))], [], int(pauses[0])
        for pause in pauses[1:].tolist():
            clip = next(said)
            here.append((at / RATE, (at + len(clip)) / RATE))
            parts += [clip, torch.zeros(pause)]
            at += len(clip) + pause
        waveforms.append(torch.cat(parts))
        places.append(tuple(here))
    levels = between(config.snr_db, len(picked))
    noisy = [
        normalise_level(mix_at_snr(w[None], torch.randn(1, len(w), generator=generator), snr)[0])
        for w, snr in zip(waveforms, levels, strict=True)
    ]
    texts = tuple(" ".join(WORDS[int(takes.labels[row])] for row in rows) for rows in picked)
    return DigitStrings(Padded.of(noisy), texts, tuple(places), tuple(speakers))


def _at_speeds(clips: Sequence[Tensor], speeds: Tensor) -> list[Tensor]:
    """Each clip at its speed, as long as that makes it."""
    if bool((speeds == 1).all()):
        return list(clips)
    found = []
    for clip, speed in zip(clips, speeds.tolist(), strict=True):
        length = max(1, round(len(clip) / speed))
        room = max(length, len(clip))
        before = (room - len(clip)) // 2
        padded = torch.nn.functional.pad(clip, (before, room - len(clip) - before))
        start = (room - length) // 2
        found.append(change_speed(padded[None], speed)[0, start : start + length])
    return found


def _trimmed(clip: Tensor) -> Tensor:
    with suppress(AudioError):  # no pause before or behind it
        clip = trim(clip)
    return normalise_level(clip)

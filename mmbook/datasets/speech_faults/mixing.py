"""From a recipe to a recording: who speaks, what is wrong, how badly, and a seed for the rest."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Generator, Tensor

from mmbook.datasets.speech_faults.material import Material, Voice, pick
from mmbook.datasets.speech_faults.variety import (
    at_speed,
    other_microphone,
    other_noise,
    voice_speed,
)
from mmbook.datasets.streams import stream
from mmbook.preprocessing.audio.faults import FAULTS, RATE
from mmbook.preprocessing.audio.faults.chain import Recording, apply_faults
from mmbook.preprocessing.audio.faults.noises import coloured
from mmbook.preprocessing.audio.faults.severity import Severities
from mmbook.preprocessing.audio.faults.unseen import UNSEEN, apply_unseen
from mmbook.preprocessing.ranges import check_setting

CHANCE = 0.22  # of each fault: one clip in ten has none, one in four just one
LOUDER = 1 / 3  # of the wrong levels
USUAL_DB = 3.0  # that speech is louder or softer at most without a fault
PAUSES = (0.08, 0.3)  # seconds between two utterances, and up to the second before the first
SPANS = {"noise": 0.5, "crosstalk": 1.0}  # seconds that it is heard for at least
THROUGHOUT = 0.5  # the chance that it is heard all the time
UNDAMAGED = 0.25  # of the clips of the unseen kinds
_T = TypeVar("_T")
DIGITS = 6  # of a severity: other processors may compute the next one otherwise


@dataclass(frozen=True)
class Mixture:
    """What a recording is made of; with the same material it is always the same one.

    voice, other: who speaks, and who else where there is crosstalk; never the same. noise: its kind
    where there is noise. severity: nine, as in `apply_faults`; NaN for a fault that it does not
    have. seed: of all that is not named. unseen: a fault of UNSEEN in place of the nine, or "";
    share: of the way to its worst.
    """

    voice: str
    other: str
    noise: str
    severity: tuple[float, ...]
    seed: int
    unseen: str = ""
    share: float = 0.0


def draw_mixtures(
    material: Material,
    size: int,
    seed: int = 0,
    *,
    chance: float = CHANCE,
    severities: Severities | None = None,
    unseen: bool = False,
) -> list[Mixture]:
    """So many recipes; the first ones are the same however many are drawn.

    chance: of each fault in each recipe, independent of the others. unseen: one fault of UNSEEN in
    each, or none in one of four, in place of the nine. Voices are drawn by source first, so that
    twenty synthetic ones do not drown two people.
    """
    check_setting(size, "size", low=0, whole=True)
    check_setting(chance, "chance", low=0, high=1)
    sources: dict[str, list[str]] = {}
    for name in material.voices:
        sources.setdefault(name.split("/")[0], []).append(name)
    kinds, known = list(material.noises), severities or Severities()
    generator, found = stream("speech faults", seed), []
    for _ in range(size):
        first, *voices = torch.rand(5, generator=generator).tolist()
        among = _one(list(sources.values()), first)
        voice = _one(among, voices[0])
        others = {source: [n for n in names if n != voice] for source, names in sources.items()}
        other = _one(_one([names for names in others.values() if names], voices[1]), voices[2])
        rolls = torch.rand(2, len(FAULTS) + 2, generator=generator).tolist()
        kind = _one(kinds, voices[3])
        number = int(torch.randint(2**62, (), generator=generator))
        if unseen:
            fault = "" if rolls[0][0] < UNDAMAGED else _one(list(UNSEEN), rolls[0][1])
            nothing = (math.nan,) * len(FAULTS)
            share = round(rolls[1][0], DIGITS)
            found.append(Mixture(voice, other, kind, nothing, number, fault, share))
        else:
            severity = tuple(_severities(rolls, chance, known))
            found.append(Mixture(voice, other, kind, severity, number))
    return found


def _severities(rolls: list[list[float]], chance: float, known: Severities) -> Iterator[float]:
    """The severity of each fault that a recipe has, NaN of the others."""
    for place, fault in enumerate(FAULTS):
        if rolls[0][place] >= chance:
            yield math.nan
            continue
        louder = fault == "level" and rolls[0][-1] < LOUDER
        yield round(known.at("louder" if louder else fault, rolls[1][place]), DIGITS)


def _one(values: list[_T], share: float) -> _T:
    return values[min(int(share * len(values)), len(values) - 1)]


def record(material: Material, mixture: Mixture, samples: int) -> tuple[Recording, Tensor]:
    """The recording that a recipe describes, of so many samples, and the undamaged speech."""
    generator = Generator().manual_seed(mixture.seed)
    clean = _spoken(material, mixture.voice, samples, generator)
    severity = {
        fault: value
        for fault, value in zip(FAULTS, mixture.severity, strict=True)
        if not math.isnan(value)
    }
    noise = other = None
    if "noise" in severity:
        length = _span("noise", samples, generator)
        noise = pick(material.noises[mixture.noise], generator)
        if material.varied:
            noise = other_noise(noise, generator)
        noise = cut(noise, length, generator)
    if "crosstalk" in severity:
        length = _span("crosstalk", samples, generator)
        other = _spoken(material, mixture.other, length, generator)
    heard = clean
    if mixture.unseen:
        heard = apply_unseen(clean, mixture.unseen, mixture.share, generator).waveform
    return apply_faults(heard, severity, generator, noise=noise, other=other), clean


def _spoken(material: Material, name: str, samples: int, generator: Generator) -> Tensor:
    """What a voice says, or where the material is varied, another one that is made of it."""
    voice = material.voices[name]
    if not material.varied:
        return say(voice, samples, generator)
    speed = voice_speed(generator)
    said = at_speed(say(voice, math.ceil(samples * speed), generator), speed)[:samples]
    return other_microphone(said, generator)


def say(voice: Voice, samples: int, generator: Generator) -> Tensor:
    """A voice that says one thing after another, with pauses, (samples,).

    The pauses hold the noise that the voice's recordings have. Nothing is too loud or too quiet:
    the level is up to USUAL_DB off.
    """
    clip = torch.zeros(samples)
    place = round(_pause(generator) * RATE) - round(PAUSES[0] * RATE)
    while place < samples:
        spoken = pick(voice.utterances, generator)[: samples - place]
        clip[place : place + len(spoken)] = spoken
        place += len(spoken) + round(_pause(generator) * RATE)
    power = clip.square().mean() * 10 ** (voice.floor_db / 10)
    clip += coloured(samples, "pink", generator) * power.sqrt()
    return clip * 10 ** (USUAL_DB * (2 * float(torch.rand((), generator=generator)) - 1) / 20)


def cut(noise: Tensor, samples: int, generator: Generator, tries: int = 4) -> Tensor:
    """A piece of a noise at a random place where something is heard, (up to samples,).

    Where none of some tries is within 20 dB of the whole, it is the piece about the loudest sample.
    """
    latest = len(noise) - samples
    if latest <= 0:
        return noise
    for start in torch.randint(latest + 1, (tries,), generator=generator).tolist():
        piece = noise[start : start + samples]
        if piece.square().mean() > 0.01 * noise.square().mean():
            return piece
    start = min(latest, max(0, int(noise.abs().argmax()) - samples // 2))
    return noise[start : start + samples]


def _span(fault: str, samples: int, generator: Generator) -> int:
    """For how many samples something is heard: for all, or for a part of them."""
    throughout, share = torch.rand(2, generator=generator).tolist()
    shortest = min(samples, round(SPANS[fault] * RATE))
    return samples if throughout < THROUGHOUT else round(shortest + share * (samples - shortest))


def _pause(generator: Generator) -> float:
    low, high = PAUSES
    return low + (high - low) * float(torch.rand((), generator=generator))

"""What recordings are made of: voices, in single utterances, and noises."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from mmbook.datasets.collections import LabelledAudio
from mmbook.datasets.real.audio_cmn import load_audio_cmn
from mmbook.datasets.real.esc10 import SECONDS, load_esc10
from mmbook.datasets.real.fsdd import load_recordings
from mmbook.datasets.small.spoken_digits import load_spoken_digits
from mmbook.datasets.small.spoken_words import load_spoken_words
from mmbook.datasets.speech_faults.partition import PARTS, SOURCES, SPLITS, TIERS, Part
from mmbook.datasets.splits import check_split
from mmbook.datasets.streams import stream
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.faults.noises import SLOPES, babble, coloured, swelling
from mmbook.preprocessing.audio.faults.severity import powers
from mmbook.preprocessing.audio.voice_activity import trim
from mmbook.preprocessing.audio.waveforms import normalise_level

SPEECH_RMS = 0.05  # of an utterance: 26 dB below full scale, where telephones have their speech
FADE = 32  # samples, 4 ms, over which an utterance begins and ends
FLOORS_DB = (-60.0, -20.0)  # of a recording's own noise, against its speech
SHORTEST = 800  # samples, 0.1 s; shorter utterances are left out
GENERATED = 12  # noises of a kind, each of SECONDS
BABBLE = 6  # voices at once


@dataclass(frozen=True, eq=False)
class Voice:
    """Who speaks.

    utterances: each (samples,) at RATE and SPEECH_RMS, without the silence around it. floor_db:
    the level of its recordings' own noise against the speech's, which pauses will have too.
    """

    utterances: tuple[Tensor, ...]
    floor_db: float


@dataclass(frozen=True, eq=False)
class Material:
    """One split's voices {source/name: voice} and noises {kind: (recordings, samples) at RATE}.

    varied: whether recordings have more voices and noises than these, made of them: at other
    speeds, and as other microphones would have them.
    """

    voices: Mapping[str, Voice]
    noises: Mapping[str, tuple[Tensor, ...]]
    varied: bool = False

    def __post_init__(self) -> None:
        if len(self.voices) < 2 or not self.noises:
            raise ValueError(
                f"recordings need two voices and a noise, got {len(self.voices)} voices and "
                f"{len(self.noises)} kinds of noise"
            )


def load_material(split: str, tier: str = "mini") -> Material:
    """What a split is made of, as PARTS says.

    tier: "mini", the voices that ship with the book and generated noise; or "full", people (FSDD,
    audio-cmn), those voices in training, and ESC-10 beside generated noise. Raises ValueError for
    another name, DataMissingError where a set of the full tier is not on this machine.
    """
    check_split(split, SPLITS)
    if tier not in TIERS:
        raise ValueError(f"there is no tier {tier!r}; there are {', '.join(TIERS)}")
    split = SOURCES.get(split, split)
    part = PARTS[tier][split]
    voices = dict(_voices(part, split))
    noises = {kind: _generated(kind, split, voices) for kind in part.generated}
    return Material(voices, {**noises, **_recorded(part)}, varied=split == "train")


def _voices(part: Part, split: str) -> Iterable[tuple[str, Voice]]:
    """The voices of a part by source/name."""
    sets: list[tuple[str, list[LabelledAudio]]] = []
    if part.synthetic:
        sets.append(("synthetic", [load_spoken_digits(split), load_spoken_words(split)]))
    if part.people:
        everybody = load_recordings("test", held_out=part.people)  # all takes of these speakers
        sets.append(("people", [everybody]))
    if part.mandarin:
        sets.append(("mandarin", [load_audio_cmn("all", rate=RATE)]))
    for source, parts in sets:
        for name in sorted({origin for sounds in parts for origin in sounds.origins}):
            said = [clip for sounds in parts for clip in _said_by(name, sounds)]
            yield f"{source}/{name}", voice_of(said)


def _said_by(name: str, sounds: LabelledAudio) -> Iterable[Tensor]:
    rows = zip(sounds.waveforms, sounds.lengths.tolist(), sounds.origins, strict=True)
    return (clip[:length] for clip, length, origin in rows if origin == name)


def voice_of(clips: Iterable[Tensor]) -> Voice:
    """Utterances without silence around them, at one level; what is too short is left out.

    The recordings' own noise is taken to be as loud as the softest frame of a recording, of which
    one in ten has a softer one: many are cut so closely that they hold no pause. Raises AudioError
    where no utterance is left.
    """
    utterances, floors = [], []
    for clip in clips:
        try:
            spoken = trim(clip)
        except AudioError:  # silence, or nothing that stands out
            continue
        if len(spoken) < SHORTEST:
            continue
        floors.append(powers(clip)[1:-1].min() / spoken.square().mean())
        utterances.append(_faded(normalise_level(spoken, SPEECH_RMS)))
    if not utterances:
        raise AudioError("none of the clips holds an utterance of 0.1 s or more")
    floor = torch.stack(floors).quantile(0.1, interpolation="lower").clamp(min=1e-9)
    low, high = FLOORS_DB
    return Voice(tuple(utterances), min(high, max(low, float(10 * floor.log10()))))


def _faded(clip: Tensor) -> Tensor:
    """A clip that begins and ends softly, so that being cut out is not heard as a click."""
    ramp = torch.linspace(0, 1, FADE)
    return torch.cat([clip[:FADE] * ramp, clip[FADE:-FADE], clip[-FADE:] * ramp.flip(0)])


def _generated(kind: str, split: str, voices: Mapping[str, Voice]) -> tuple[Tensor, ...]:
    """Noises of a kind, which no other split has, (samples,) each."""
    generator = stream(f"speech faults {split} {kind}", 0)
    samples = round(SECONDS * RATE)
    if kind in SLOPES:
        return tuple(coloured(samples, kind, generator) for _ in range(GENERATED))
    if kind == "swelling":
        return tuple(swelling(samples, generator) for _ in range(GENERATED))
    if kind != "babble":
        raise ValueError(f"there is no generated noise {kind!r}")
    crowd = list(voices.values())
    return tuple(
        babble([_talk(crowd[row], samples, generator) for row in rows])
        for rows in (
            torch.randint(len(crowd), (BABBLE,), generator=generator).tolist()
            for _ in range(GENERATED)
        )
    )


def _talk(voice: Voice, samples: int, generator: torch.Generator) -> Tensor:
    """A voice that talks without a pause, (samples,)."""
    said: list[Tensor] = []
    while sum(map(len, said)) < samples:
        said.append(pick(voice.utterances, generator))
    return torch.cat(said)[:samples]


def pick(values: tuple[Tensor, ...], generator: torch.Generator) -> Tensor:
    """One of some tensors, each as likely."""
    return values[int(torch.randint(len(values), (), generator=generator))]


def _recorded(part: Part) -> dict[str, tuple[Tensor, ...]]:
    """Recordings of ESC-10 by class, of the part's folds, without silence around them."""
    found: dict[str, list[Tensor]] = {kind: [] for kind in part.recorded}
    for fold in part.folds:
        sounds = load_esc10("test", fold=fold, rate=RATE)
        rows = zip(sounds.waveforms, sounds.lengths.tolist(), sounds.texts, strict=True)
        for clip, length, kind in rows:
            heard = clip[:length].nonzero()[:, 0]
            if kind in found and len(heard):
                found[kind].append(clip[int(heard[0]) : int(heard[-1]) + 1])
    missing = sorted(kind for kind, clips in found.items() if not clips)
    if missing:
        raise ValueError(f"ESC-10 has no sounds of {missing} in the folds {part.folds}")
    return {kind: tuple(clips) for kind, clips in found.items()}

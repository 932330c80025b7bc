"""Spoken digits of their own lengths, in takes: to hold out takes, or speakers."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmbook.datasets.real.fsdd import OFFICIAL_TEST_TAKES, list_recordings
from mmbook.datasets.small.spoken_digits import RATE, load_spoken_digits
from mmbook.preprocessing.audio.augmentation import change_speed
from mmbook.preprocessing.audio.voice_activity import trim
from mmbook.preprocessing.audio.waveforms import mix_at_snr, normalise_level, read_audio

SEEN, NEW = "seen speakers", "new speakers"
TESTS = (SEEN, NEW)  # what a fold holds out: takes of speakers heard in training, or whole speakers


@dataclass(frozen=True)
class Takes:
    """Spoken digits of their own lengths: clips, and for each its digit, speaker and take.

    take_groups: takes are held out by group; a fold leaves out one.
    """

    clips: list[Tensor]
    labels: Tensor
    speakers: list[str]
    take_groups: Tensor

    def held_out(self, test: str, fold: int, folds: int) -> Tensor:
        """Which clips a fold is tested on, (n,) boolean; it is trained on the others."""
        if test == SEEN:
            return self.take_groups == fold
        chosen = set(sorted(set(self.speakers))[fold::folds])
        return torch.tensor([speaker in chosen for speaker in self.speakers])


def recorded_takes() -> Takes:
    """FSDD: six people, fifty takes. Raises DataMissingError where it is not on this machine."""
    recordings = list_recordings()
    return Takes(
        clips=[normalise_level(read_audio(recording.path, RATE)) for recording in recordings],
        labels=torch.tensor([recording.digit for recording in recordings]),
        speakers=[recording.speaker for recording in recordings],
        take_groups=torch.tensor([r.take // OFFICIAL_TEST_TAKES for r in recordings]),
    )


def synthetic_takes(
    takes: int = 6,
    speed: tuple[float, float] = (0.85, 1.15),
    snr_db: tuple[float, float] = (20.0, 40.0),
) -> Takes:
    """The shipped English digits of all 24 voices, in takes, without the silence around them.

    A synthetic voice says a word in one way only: a take is that clip at another speed, with noise
    at another ratio, each drawn from between its bounds.
    """
    parts = [load_spoken_digits(s, languages=["en"]) for s in ("train", "validation", "test")]
    words = torch.cat([part.waveforms for part in parts])  # (words, samples)
    generator = torch.Generator().manual_seed(0)

    def chance(bounds: tuple[float, float]) -> Tensor:
        low, high = bounds
        return low + (high - low) * torch.rand(len(words), generator=generator)

    clips: list[Tensor] = []
    for _ in range(takes):
        spoken = change_speed(words, chance(speed))
        noise = torch.randn(spoken.shape, generator=generator)
        noisy = mix_at_snr(spoken, noise, chance(snr_db))
        clips += [normalise_level(trim(clip)) for clip in noisy]
    return Takes(
        clips=clips,
        labels=torch.cat([part.labels for part in parts]).repeat(takes),
        speakers=[voice for part in parts for voice in part.origins] * takes,
        take_groups=torch.arange(takes).repeat_interleave(len(words)),
    )

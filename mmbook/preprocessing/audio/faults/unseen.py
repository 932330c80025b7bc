"""Faults of kinds that are in no training set, to ask whether an inspector notices them at all.

None is among FAULTS, so there is no name to give; what should fall is the overall score.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.faults.added import add_noise
from mmbook.preprocessing.audio.faults.channel import limit_band
from mmbook.preprocessing.audio.faults.noises import coloured
from mmbook.preprocessing.audio.faults.truth import Damaged, check_clip
from mmbook.preprocessing.audio.quantisation import inverse_mu_law, mu_law, quantise
from mmbook.preprocessing.audio.resampling import resample
from mmbook.preprocessing.audio.waveforms import normalise_level
from mmbook.preprocessing.ranges import check_setting

WIND = 150.0  # Hz, above which wind is next to silent
GUSTS = 3.0  # a second
FINE = 4  # positions between two samples


def coarse_codec(clip: Tensor, bits: float) -> Damaged:
    """Store each sample in very few bits, by the mu-law of telephones; all of it is affected.

    bits: rounded to a whole number, 2 or more. Samples beyond [-1, 1] are cut off.
    """
    stored = quantise(mu_law(check_clip(clip).clamp(-1, 1)), round(bits))
    return Damaged(inverse_mu_law(stored), torch.ones(len(clip), dtype=torch.bool))


def add_wind(speech: Tensor, snr_db: float, generator: Generator) -> Damaged:
    """Add what wind does to a microphone: a rumble below 150 Hz in gusts; as `add_noise`."""
    samples = len(check_clip(speech, "speech"))
    rumble = limit_band(coloured(samples, "brown", generator), WIND).waveform
    turns = torch.rand(2, generator=generator)
    time = torch.arange(samples) / RATE
    # Two slow waves of no common period: where they meet, there is a gust.
    waves = torch.sin(
        2 * torch.pi * (torch.tensor([[0.62], [1.0]]) * GUSTS * time + turns[:, None])
    )
    return add_noise(speech, normalise_level(rumble * waves.mean(dim=0).exp() ** 2, 1.0), snr_db)


def wobble(clip: Tensor, depth: float, generator: Generator) -> Damaged:
    """Let the pitch go up and down 2 to 6 times a second, as an old tape does.

    depth: of the speed's change, 0.01 for one in a hundred. The voice is shifted by a few
    milliseconds at most, so that it can still be compared with the original sample by sample.
    """
    check_clip(clip)
    check_setting(depth, "depth", low=0, high=0.2, error=AudioError)
    turn, chance = torch.rand(2, generator=generator)
    hertz = 2 + 4 * chance
    time = torch.arange(len(clip)) / RATE
    shift = depth / (2 * torch.pi * hertz) * torch.sin(2 * torch.pi * (hertz * time + turn))
    fine = resample(clip, RATE, FINE * RATE)
    places = ((torch.arange(len(clip)) + shift * RATE) * FINE).clamp(0, len(fine) - 1)
    before = places.long()
    after = (before + 1).clamp(max=len(fine) - 1)
    moved = torch.lerp(fine[before], fine[after], (places - before).to(fine))
    return Damaged(moved, torch.ones(len(clip), dtype=torch.bool))


@dataclass(frozen=True)
class Unseen:
    """A kind of fault: from its mildest to its worst severity."""

    apply: Callable[[Tensor, float, Generator], Damaged]
    mild: float
    worst: float


UNSEEN: Mapping[str, Unseen] = {
    "coarse codec": Unseen(lambda clip, bits, _: coarse_codec(clip, bits), 5, 2),
    "wind": Unseen(add_wind, 10.0, -10.0),
    "wobble": Unseen(wobble, 0.01, 0.08),
}


def apply_unseen(clip: Tensor, kind: str, share: float, generator: Generator) -> Damaged:
    """Damage a clip in a way that is in no training set.

    kind: of UNSEEN. share: of the way from the mildest, 0, to the worst, 1.
    """
    if kind not in UNSEEN:
        raise AudioError(f"there is no fault {kind!r}; there are {', '.join(UNSEEN)}")
    check_setting(share, "share", low=0, high=1, error=AudioError)
    fault = UNSEEN[kind]
    return fault.apply(clip, fault.mild + (fault.worst - fault.mild) * share, generator)

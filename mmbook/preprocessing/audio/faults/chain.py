"""A recording with several faults, in the order in which the world adds them.

1. reverberation: the room answers the voice before anything else is mixed in. What comes out is
   the speech as heard, against which all that is added is measured.
2. crosstalk and noise are in the air, hum in the microphone's wire: all add up to one voltage.
3. band: the line carries a part of it only, of speech and of all that was added alike. Up to here
   everything is linear, so speech and additions can be followed apart: the ratio of their powers
   at this point is the SNR of the recording, exactly.
4. clipping: the amplifier cuts off the peaks of what reaches it.
5. level: the gain before the converter, which itself ends at ±1. What it cuts off of a recording
   that is too loud is clipping too, and is named so.
6. clicks: bad contacts and lost samples, after the converter. They do not count as noise: the mean
   power of a few samples says little of how they are heard.
7. dropouts: the network takes what it gets, so where a packet is lost, no event is left: noise,
   crosstalk, hum, clicks and clipping are not there. Reverberation, band and level are properties
   of the whole recording, and are true of all of its frames.

Nothing in the chain delays the voice: room and band keep the direct sound where it was.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import FAULTS, channel
from mmbook.preprocessing.audio.faults import added as adding
from mmbook.preprocessing.audio.faults.noises import MAINS, hum
from mmbook.preprocessing.audio.faults.severity import Audibility, lasting, own_floor
from mmbook.preprocessing.audio.faults.truth import check_clip, frame_count, frames_of

HEIGHT = (0.4, 1.2)  # of clicks, against the peak
BURST = (1.0, 3.0)  # packets that are lost in a row, on average
ADDED = ("noise", "crosstalk", "hum")
WHOLE = ("band", "reverberation", "level")  # of the whole recording
FULL_SCALE = 1.0


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording and the truth about it.

    waveform: (samples,) in [-1, 1]. frames: (frames, 9) boolean, in which each of FAULTS is heard.
    snr: dB of speech against all that was added, both over the whole clip; NaN where none of it is
    heard. speech, added: (samples,) each, as they are behind the line (step 3); added is zero
    where nothing was.
    """

    waveform: Tensor
    frames: Tensor
    snr: float
    speech: Tensor
    added: Tensor

    @property
    def faults(self) -> Tensor:
        """(9,) boolean: which faults are heard at all."""
        return self.frames.any(dim=0)


def apply_faults(
    speech: Tensor,
    severity: Mapping[str, float],
    generator: Generator,
    *,
    noise: Tensor | None = None,
    other: Tensor | None = None,
    audibility: Audibility | None = None,
) -> Recording:
    """Damage speech in one or several ways.

    speech: (samples,) at RATE, not silent. severity: {name in FAULTS: how bad, as in `Severities`;
    of the level, dB above or below}. noise, other: (up to samples,), what is added as noise, and
    the other voice; each is put at a random place. generator: of places and all else that severity
    leaves open. Raises AudioError for an unknown fault, or one whose sound is missing.
    """
    check_clip(speech, "speech")
    sounds = {"noise": noise, "crosstalk": other}
    _check(severity, sounds)
    voice = speech
    if "reverberation" in severity:
        voice = channel.add_room(speech, severity["reverberation"], generator).waveform
    parts = {
        name: _part(name, voice, severity[name], sounds.get(name), generator)
        for name in ADDED
        if name in severity
    }
    if "band" in severity:
        cutoff = severity["band"]
        voice = channel.limit_band(voice, cutoff).waveform
        parts = {name: channel.limit_band(part, cutoff).waveform for name, part in parts.items()}
    total = torch.stack([torch.zeros_like(voice), *parts.values()]).sum(dim=0)
    damage = _damage(voice + total, severity, generator)
    truth = _truth(speech, voice, parts, damage, severity, audibility or Audibility())
    heard = any(bool(truth[name].any()) for name in parts)
    snr = 10 * math.log10(_energy(voice) / _energy(total)) if heard else math.nan
    frames = torch.stack([truth[name] for name in FAULTS], dim=1)  # (frames, 9)
    return Recording(damage.waveform, frames, snr, voice, total)


class _Damage(NamedTuple):
    """What steps 4 to 7 do, all (samples,): before: as clicks and lost packets find it; clicks
    alone; the samples that were cut off, and that are lost."""

    waveform: Tensor
    before: Tensor
    clicks: Tensor
    cut: Tensor
    lost: Tensor


def _damage(clip: Tensor, severity: Mapping[str, float], generator: Generator) -> _Damage:
    """Steps 4 to 7, which are not linear."""
    cut = lost = torch.zeros(len(clip), dtype=torch.bool)
    if "clipping" in severity:
        clip, cut = channel.clip_peaks(clip, severity["clipping"])
    if "level" in severity:
        clip = channel.change_level(clip, severity["level"]).waveform
    before, full = channel.clip_at(clip, FULL_SCALE)
    clip = before
    if "clicks" in severity:
        height = _between(HEIGHT, generator)
        clip = adding.add_clicks(clip, severity["clicks"], height, generator).waveform
    clicks = clip - before
    if "dropouts" in severity:
        packets, burst = channel.packet_count(len(clip)), _between(BURST, generator)
        gone = channel.lost_packets(packets, severity["dropouts"], burst, generator)
        clip, lost = channel.drop_packets(clip, gone)
    return _Damage(clip, before, clicks, cut | full, lost)


def _truth(
    speech: Tensor,
    voice: Tensor,
    parts: Mapping[str, Tensor],
    damage: _Damage,
    severity: Mapping[str, float],
    heard_if: Audibility,
) -> dict[str, Tensor]:
    """The frames in which each fault is heard, {name: (frames,) boolean}."""
    none = torch.zeros(frame_count(len(speech)), dtype=torch.bool)
    truth: dict[str, Tensor] = dict.fromkeys(FAULTS, none)
    for name in WHOLE:
        if name in severity and heard_if.whole(name, severity[name]):
            truth[name] = ~none
    floor = own_floor(speech)
    for name, part in parts.items():
        left = part.masked_fill(damage.lost, 0)
        frames = heard_if.added(left, voice, floor)
        if name == "crosstalk":
            frames &= frames_of(adding.speaking(part))
        truth[name] = lasting(frames, heard_if.seconds(name))
    if int(damage.cut.sum()) >= heard_if.clipped * len(speech):
        truth["clipping"] = frames_of(damage.cut & ~damage.lost)
    truth["clicks"] = heard_if.clicks(damage.before, damage.clicks.masked_fill(damage.lost, 0))
    truth["dropouts"] = frames_of(heard_if.lost(damage.before + damage.clicks, damage.lost))
    return truth


def _part(
    name: str, voice: Tensor, severity: float, sound: Tensor | None, generator: Generator
) -> Tensor:
    """What is added, (samples,), before anything takes a part of it away."""
    if sound is None:
        mains = MAINS[int(torch.randint(2, (), generator=generator))]
        mains += float(torch.rand((), generator=generator)) * 0.4 - 0.2  # it is never quite steady
        return adding.scaled(voice, hum(len(voice), mains, generator), -severity)
    latest = len(voice) - len(check_clip(sound, name))
    start = int(torch.randint(max(0, latest) + 1, (), generator=generator))
    return adding.scaled(voice, sound, severity, start)


def _between(bounds: tuple[float, float], generator: Generator) -> float:
    low, high = bounds
    return low + (high - low) * float(torch.rand((), generator=generator))


def _energy(clip: Tensor) -> float:
    return float(clip.double().square().sum())


def _check(severity: Mapping[str, float], sounds: Mapping[str, Tensor | None]) -> None:
    """Raise AudioError for a fault that is none, or that lacks its sound."""
    unknown = sorted(set(severity) - set(FAULTS))
    if unknown:
        raise AudioError(f"there are no faults {unknown}; there are {', '.join(FAULTS)}")
    for name, sound in sounds.items():
        if name in severity and sound is None:
            raise AudioError(f"to add {name}, a sound of it is needed: give noise= or other=")

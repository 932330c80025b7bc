"""How bad a fault is, each in its own unit, and from where on it can be heard."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import HOP, RATE
from mmbook.preprocessing.audio.faults.channel import PACKET, by_packet
from mmbook.preprocessing.audio.faults.truth import check_clip, framed
from mmbook.preprocessing.ranges import check_setting

Bounds = tuple[float, float]
# Half-way between 1 and 16 clicks are 4: what is heard of these depends on factors.
BY_FACTORS = frozenset({"clicks", "clipping", "dropouts", "band"})


@dataclass(frozen=True)
class Severities:
    """The mildest and the worst of each fault.

    noise, crosstalk: dB of speech against what is added. hum: dB against the speech. clicks: a
    second. clipping: share of the samples that are cut off. dropouts: share of packets lost.
    band: the cut-off in Hz. reverberation: T60 in s. level, louder: dB, too quiet or too loud.
    """

    noise: Bounds = (28.0, -5.0)
    crosstalk: Bounds = (15.0, 0.0)
    hum: Bounds = (-25.0, 0.0)
    clicks: Bounds = (1.0, 16.0)
    clipping: Bounds = (0.003, 0.1)
    dropouts: Bounds = (0.03, 0.25)
    band: Bounds = (2800.0, 800.0)
    reverberation: Bounds = (0.3, 1.2)
    level: Bounds = (-12.0, -30.0)
    louder: Bounds = (9.0, 18.0)

    def __post_init__(self) -> None:
        for entry in fields(self):
            for bound in getattr(self, entry.name):
                low = 1e-6 if entry.name in BY_FACTORS else -200.0
                check_setting(bound, entry.name, low=low, error=AudioError)

    def at(self, fault: str, share: float) -> float:
        """The severity at a share of the way from the mildest, 0, to the worst, 1.

        fault: one of FAULTS, or "louder" for a level that is too high.
        """
        if fault not in {entry.name for entry in fields(self)}:
            raise AudioError(f"there is no fault {fault!r} with a severity")
        check_setting(share, "share", low=0, high=1, error=AudioError)
        mild, worst = getattr(self, fault)
        if fault in BY_FACTORS:
            return mild * (worst / mild) ** share
        return mild + (worst - mild) * share


@dataclass(frozen=True)
class Audibility:
    """From where on a fault is there for somebody who listens.

    What is softer is done to the sound all the same, but not named: nobody could tell it, so to
    name it would be to teach guessing. The numbers are a convention, not measured with listeners.

    below_speech_db: how far at most below the speech's mean power what is added, or lost, lies in a
    frame. It must also be no softer than the recording's own floor (`own_floor`).
    noise_s, crosstalk_s: how long it must be heard in all, in seconds.
    clipped: the smallest share of samples. cutoff: the highest band limit, in Hz.
    reverberation: the shortest T60, in s. level_db: the smallest deviation.
    A click must reach above the root mean square of its frame without it.
    """

    below_speech_db: float = 30.0
    noise_s: float = 0.1
    crosstalk_s: float = 0.5
    clipped: float = 0.001
    cutoff: float = 3000.0
    reverberation: float = 0.25
    level_db: float = 8.0

    def added(self, part: Tensor, speech: Tensor, floor: float) -> Tensor:
        """The frames in which what is added is heard, (samples,) twice -> (frames,) boolean.

        floor: the power of the recording's own noise.
        """
        softest = float(check_clip(speech, "speech").square().mean()) * 10 ** (
            -self.below_speech_db / 10
        )
        return powers(part) >= max(softest, floor, 1e-20)

    def clicks(self, without: Tensor, clicks: Tensor) -> Tensor:
        """The frames in which clicks are heard, from the sound without them and them alone."""
        peak = framed(check_clip(clicks, "clicks")).abs().amax(dim=1)
        return (peak > 0) & (peak >= powers(without).sqrt())

    def lost(self, before: Tensor, lost: Tensor) -> Tensor:
        """The lost samples whose packet held something, (samples,) boolean.

        before: (samples,) as the network got it. lost: (samples,) boolean.
        """
        packets = by_packet(check_clip(before)).square().mean(dim=1)
        softest = float(before.square().mean()) * 10 ** (-self.below_speech_db / 10)
        return lost & (packets >= softest).repeat_interleave(PACKET)[: len(lost)]

    def whole(self, fault: str, severity: float) -> bool:
        """Whether a fault of the whole recording is heard: "band", "reverberation" or "level"."""
        return {
            "band": severity <= self.cutoff,
            "reverberation": severity >= self.reverberation,
            "level": abs(severity) >= self.level_db,
        }[fault]

    def seconds(self, fault: str) -> float:
        """How long an addition must be heard: "noise", "crosstalk" or "hum"."""
        return self.crosstalk_s if fault == "crosstalk" else self.noise_s


def powers(clip: Tensor) -> Tensor:
    """The mean power of each frame, (samples,) -> (frames,); the ends count as zeros."""
    return framed(check_clip(clip)).square().mean(dim=1)


def own_floor(clip: Tensor, share: float = 0.1) -> float:
    """The power of a recording's own noise: that of the frame which so many are softer than.

    It takes a recording with pauses; the first and the last frame, which are cut, do not count.
    """
    inner = powers(clip)[1:-1]
    return float(inner.quantile(share, interpolation="lower")) if len(inner) else 0.0


def lasting(frames: Tensor, seconds: float) -> Tensor:
    """The frames, or none of them where they make up less than so many seconds in all."""
    long_enough = frames.sum() * HOP >= seconds * RATE
    return frames if long_enough else torch.zeros_like(frames)

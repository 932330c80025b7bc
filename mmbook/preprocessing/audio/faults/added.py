"""Faults that add something to speech: noise, another voice, the hum of mains, clicks."""

import torch
from torch import Generator, Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import HOP, RATE
from mmbook.preprocessing.audio.faults.noises import hum, pulses
from mmbook.preprocessing.audio.faults.truth import Damaged, check_clip, samples_of
from mmbook.preprocessing.audio.voice_activity import VoiceActivityConfig, voice_activity
from mmbook.preprocessing.ranges import check_setting

CLICK = 16  # samples, 2 ms
DECAY = (0.5, 4.0)  # samples in which a click falls to 1 / e
# Frames as in `truth`; within 25 dB of a voice's loudest frame it is heard beside another.
SPEAKING = VoiceActivityConfig(size=HOP, hop=HOP, range_db=25.0, hangover=1)


def scaled(speech: Tensor, noise: Tensor, snr_db: float, start: int = 0) -> Tensor:
    """The noise alone, as loud as `add_noise` adds it, (samples,), zeros where it is not."""
    check_clip(speech, "speech")
    check_clip(noise, "noise")
    check_setting(snr_db, "snr_db", error=AudioError)
    check_setting(start, "start", low=0, whole=True, error=AudioError)
    if start + len(noise) > len(speech):
        raise AudioError(
            f"noise of {len(noise)} samples from sample {start} on does not fit into "
            f"{len(speech)}: cut it"
        )
    powers = speech.square().mean(), noise.square().mean()
    if not all(power > 0 for power in powers):
        raise AudioError("speech and noise must not be silent: they have no ratio")
    gain = (powers[0] / powers[1]).sqrt() * 10 ** (-snr_db / 20)
    part = torch.zeros_like(speech)
    part[start : start + len(noise)] = noise * gain
    return part


def add_noise(speech: Tensor, noise: Tensor, snr_db: float, start: int = 0) -> Damaged:
    """Add noise that is heard for a while: g = √(P_speech / (P_noise · 10^(SNR / 10))).

    speech: (samples,); it keeps its level. noise: (up to samples - start,). snr_db: the speech's
    mean power over the clip to the noise's while it lasts. Active is the time that it lasts.
    Raises AudioError where either is silent, or the noise is too long.
    """
    part = scaled(speech, noise, snr_db, start)
    active = torch.zeros(len(speech), dtype=torch.bool)
    active[start : start + len(noise)] = True
    return Damaged(speech + part, active)


def add_crosstalk(speech: Tensor, other: Tensor, ratio_db: float, start: int = 0) -> Damaged:
    """Add somebody else who speaks; as `add_noise`, but active is only where the other speaks."""
    part = scaled(speech, other, ratio_db, start)
    return Damaged(speech + part, speaking(part))


def speaking(voice: Tensor) -> Tensor:
    """Where a voice is heard: frames within 25 dB of its loudest, (samples,) boolean."""
    frames = voice_activity(voice[None], SPEAKING)[0]  # centred as in `truth`
    return samples_of(frames, len(voice))


def add_hum(speech: Tensor, level_db: float, mains: float, generator: Generator) -> Damaged:
    """Add the hum of mains at 50 or 60 Hz, at a level against the speech's: -20 is 20 dB below."""
    check_setting(level_db, "level_db", error=AudioError)
    check_clip(speech, "speech")
    return add_noise(speech, hum(len(speech), mains, generator), -level_db)


def add_clicks(clip: Tensor, a_second: float, height: float, generator: Generator) -> Damaged:
    """Add clicks, as of a bad contact: jumps that die away within 2 ms.

    a_second: how many, one at least in all; at random places. height: of a click against the
    clip's peak. Where the sum would leave [-1, 1] it is cut off. Active are 2 ms a click.
    """
    check_clip(clip)
    check_setting(a_second, "a_second", low=0, error=AudioError)
    check_setting(height, "height", low=0, error=AudioError)
    count = max(1, round(a_second * len(clip) / RATE))
    places = torch.randint(len(clip), (count,), generator=generator)
    decay = DECAY[0] + (DECAY[1] - DECAY[0]) * torch.rand(count, generator=generator)
    sign = torch.randint(2, (count,), generator=generator) * 2.0 - 1
    line = pulses(len(clip), places, decay, sign, CLICK)
    active = torch.zeros(len(clip) + CLICK, dtype=torch.bool)
    active[(places[:, None] + torch.arange(CLICK)).flatten()] = True
    clicking = clip + line.to(clip) * height * clip.abs().max()
    limits = torch.stack([clip.abs().max(), clip.new_ones(())]).max()
    return Damaged(clicking.clamp(-limits, limits), active[: len(clip)])

"""The functions that make faults, and values of which each argument may hold whole numbers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from mmbook.preprocessing.audio.faults import added, channel, noises, severity, truth, unseen
from mmbook.preprocessing.audio.faults.chain import apply_faults


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


CLIP = torch.rand(1_000, generator=seeded())
SWITCHES = torch.randint(2, (1_000,), generator=seeded()).float()
PACKETS, FRAMES = (SWITCHES[:count] for count in (7, 8))
HEARD = severity.Audibility()
Call = tuple[Any, ...]


def drawn(function: Callable[..., Any], *settings: Any) -> Callable[[Tensor], Any]:
    """A function of a clip, settings and a generator, as one of the clip."""
    return lambda x: function(x, *settings, seeded())


def waveform(**given: Any) -> Tensor:
    return apply_faults(
        given.get("speech", CLIP),
        {"noise": 3.0, "crosstalk": 3.0},
        seeded(),
        noise=given.get("noise", CLIP),
        other=given.get("other", CLIP),
    ).waveform


CALLS: dict[str, Call] = {
    "added.scaled.speech": (SWITCHES, lambda x: added.scaled(x, CLIP, 3.0)),
    "added.scaled.noise": (SWITCHES, lambda x: added.scaled(CLIP, x, 3.0)),
    "added.add_noise.speech": (SWITCHES, lambda x: added.add_noise(x, CLIP, 3.0)),
    "added.add_noise.noise": (SWITCHES, lambda x: added.add_noise(CLIP, x, 3.0)),
    "added.add_crosstalk.speech": (SWITCHES, lambda x: added.add_crosstalk(x, CLIP, 3.0)),
    "added.add_crosstalk.other": (SWITCHES, lambda x: added.add_crosstalk(CLIP, x, 3.0)),
    "added.speaking.voice": (SWITCHES, added.speaking),
    "added.add_hum.speech": (SWITCHES, drawn(added.add_hum, -6.0, 50.0)),
    "added.add_clicks.clip": (SWITCHES, drawn(added.add_clicks, 20.0, 0.5)),
    "chain.apply_faults.speech": (SWITCHES, lambda x: waveform(speech=x)),
    "chain.apply_faults.noise": (SWITCHES, lambda x: waveform(noise=x)),
    "chain.apply_faults.other": (SWITCHES, lambda x: waveform(other=x)),
    "channel.add_room.speech": (SWITCHES, drawn(channel.add_room, 0.3)),
    "channel.clip_peaks.clip": (SWITCHES, lambda x: channel.clip_peaks(x, 0.1)),
    "channel.clip_at.clip": (SWITCHES, lambda x: channel.clip_at(x, 0.5)),
    "channel.change_level.clip": (SWITCHES, lambda x: channel.change_level(x, -6.0)),
    "channel.limit_band.clip": (SWITCHES, lambda x: channel.limit_band(x, 900.0)),
    "channel.by_packet.clip": (SWITCHES, channel.by_packet),
    "channel.drop_packets.clip": (SWITCHES, lambda x: channel.drop_packets(x, PACKETS.bool())),
    "channel.drop_packets.lost": (
        PACKETS,
        torch.bool,
        lambda x: channel.drop_packets(CLIP, x),
    ),
    "noises.babble.voices": (
        torch.stack([SWITCHES, SWITCHES.flip(0), SWITCHES.roll(9)]),
        lambda x: noises.babble([*x]),
    ),
    "noises.pulses.places": (
        torch.tensor([10.0, 200.0]),
        torch.int64,
        lambda x: noises.pulses(400, x, torch.ones(2), torch.ones(2), 16),
    ),
    "noises.pulses.decay": (
        torch.tensor([1.0, 3.0]),
        lambda x: noises.pulses(400, torch.tensor([10, 200]), x, torch.ones(2), 16),
    ),
    "noises.pulses.sign": (
        torch.ones(2),
        lambda x: noises.pulses(400, torch.tensor([10, 200]), torch.ones(2), x, 16),
    ),
    "severity.Audibility.added.part": (SWITCHES, lambda x: HEARD.added(x, CLIP, 0.0)),
    "severity.Audibility.added.speech": (SWITCHES, lambda x: HEARD.added(CLIP, x, 0.0)),
    "severity.Audibility.clicks.without": (SWITCHES, lambda x: HEARD.clicks(x, CLIP)),
    "severity.Audibility.clicks.clicks": (SWITCHES, lambda x: HEARD.clicks(CLIP, x)),
    "severity.Audibility.lost.before": (SWITCHES, lambda x: HEARD.lost(x, SWITCHES.bool())),
    "severity.Audibility.lost.lost": (SWITCHES, torch.bool, partial(HEARD.lost, CLIP)),
    "severity.powers.clip": (SWITCHES, severity.powers),
    "severity.own_floor.clip": (SWITCHES, lambda x: torch.tensor(severity.own_floor(x))),
    "severity.lasting.frames": (FRAMES, torch.bool, lambda x: severity.lasting(x, 0.01)),
    "truth.check_clip.clip": (SWITCHES, truth.check_clip),
    "truth.framed.values": (SWITCHES, truth.framed),
    "truth.frames_of.active": (SWITCHES, torch.bool, truth.frames_of),
    "truth.samples_of.frames": (FRAMES, torch.bool, lambda x: truth.samples_of(x, 1_000)),
    "unseen.coarse_codec.clip": (SWITCHES, lambda x: unseen.coarse_codec(x, 3)),
    "unseen.add_wind.speech": (SWITCHES, drawn(unseen.add_wind, 3.0)),
    "unseen.wobble.clip": (SWITCHES, drawn(unseen.wobble, 0.05)),
    "unseen.apply_unseen.clip": (SWITCHES, drawn(unseen.apply_unseen, "wind", 0.5)),
}

"""Faults of the way that speech takes: room, microphone, gain, band, network."""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mmbook.preprocessing.audio.augmentation import reverberate, room_responses
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.faults import RATE
from mmbook.preprocessing.audio.faults.truth import Damaged, check_clip
from mmbook.preprocessing.ranges import check_setting

PACKET = RATE // 50  # samples, 20 ms
ORDER = 8  # of the low-pass: 48 dB an octave


def add_room(speech: Tensor, seconds: float, generator: Generator) -> Damaged:
    """Put speech into a room with a reverberation time T60; all of it is affected.

    The direct sound stays where it is, and the tail's power is the direct sound's. The result has
    the power that the speech had, so that a room is no change of level. Raises AudioError for
    silence.
    """
    power = _power(speech, "speech")
    check_setting(seconds, "seconds", error=AudioError)
    response = room_responses(1, seconds, RATE, generator)
    heard = reverberate(speech[None], response.to(speech))[0]
    return _everywhere(heard * (power / heard.square().mean()).sqrt())


def clip_peaks(clip: Tensor, share: float) -> Damaged:
    """Cut off peaks at the ceiling that a share of the samples reaches or exceeds.

    share: of the samples, above 0 and below 1. Active are the samples at the ceiling. Raises
    AudioError for silence.
    """
    _power(clip, "clip")
    if not 0 < share < 1:
        raise AudioError(f"share must lie between 0 and 1, got {share}")
    count = max(1, round(share * len(clip)))
    return clip_at(clip, float(clip.abs().topk(count).values[-1]))


def clip_at(clip: Tensor, ceiling: float) -> Damaged:
    """Cut off what lies beyond ±ceiling, where a converter or an amplifier ends."""
    check_clip(clip)
    if not ceiling > 0:
        raise AudioError(f"a ceiling must be positive, got {ceiling}")
    return Damaged(clip.clamp(-ceiling, ceiling), clip.abs() >= ceiling)


def change_level(clip: Tensor, gain_db: float) -> Damaged:
    """Make all of a clip louder (above 0 dB) or quieter; nothing is cut off here."""
    check_clip(clip)
    check_setting(gain_db, "gain_db", error=AudioError)
    return _everywhere(clip * 10 ** (gain_db / 20))


def limit_band(clip: Tensor, cutoff: float) -> Damaged:
    """Take away what lies above a frequency in Hz, without a delay; all of the clip is affected.

    |H(f)|² = 1 / (1 + (f / cutoff)^16), a Butterworth filter's, without its phase. Raises
    AudioError where the frequency does not lie between 0 and half of RATE.
    """
    check_clip(clip)
    if not 0 < cutoff < RATE / 2:
        raise AudioError(f"cutoff must lie between 0 and {RATE // 2} Hz, got {cutoff}")
    size = len(clip) + RATE // 8  # so that the end does not wrap to the start
    frequencies = torch.fft.rfftfreq(size, 1 / RATE).to(clip)
    response = (1 + (frequencies / cutoff) ** (2 * ORDER)).rsqrt()
    filtered = torch.fft.irfft(torch.fft.rfft(clip, size) * response, size)
    return _everywhere(filtered[: len(clip)])


def lost_packets(count: int, loss: float, burst: float, generator: Generator) -> Tensor:
    """Which of so many packets a network loses, (count,) boolean: Gilbert's model of two states.

    In the good state packets arrive, in the bad one they are lost. The bad state is left after a
    packet with the probability 1 / burst, so that losses are `burst` long on average, and entered
    with the one that makes `loss` the share of all that are lost. Source: Gilbert 1960.
    Raises AudioError where there is no such model: burst below 1, or loss too high for it.
    """
    check_setting(loss, "loss", low=0, high=1, error=AudioError)
    check_setting(burst, "burst", low=1, error=AudioError)
    leave = 1 / burst
    enter = leave * loss / (1 - loss) if loss < 1 else 2.0
    if enter > 1:
        raise AudioError(f"bursts of {burst} packets cannot make up {loss} of all: use longer ones")
    chances = torch.rand(count + 1, generator=generator).tolist()
    lost, states = chances[0] < loss, []
    for chance in chances[1:]:
        states.append(lost)
        lost = chance >= leave if lost else chance < enter
    return torch.tensor(states, dtype=torch.bool)


def packet_count(samples: int) -> int:
    """How many packets a clip of so many samples is sent in; the last may be a part of one."""
    return -(-samples // PACKET)


def by_packet(clip: Tensor) -> Tensor:
    """The samples of each packet, (samples,) -> (packets, PACKET), zeros behind the end."""
    packets = packet_count(len(clip))
    return F.pad(clip, (0, packets * PACKET - len(clip))).view(packets, PACKET)


def drop_packets(clip: Tensor, lost: Tensor) -> Damaged:
    """Silence the packets of 20 ms that are lost.

    lost: (packets,) boolean, one for every PACKET samples begun, as from `lost_packets`.
    """
    check_clip(clip)
    packets = packet_count(len(clip))
    if lost.dtype != torch.bool or lost.shape != (packets,):
        raise AudioError(
            f"{len(clip)} samples are {packets} packets, (packets,) boolean, got {lost.dtype} "
            f"{tuple(lost.shape)}"
        )
    active = lost.repeat_interleave(PACKET)[: len(clip)]
    return Damaged(clip.masked_fill(active, 0), active)


def _everywhere(clip: Tensor) -> Damaged:
    return Damaged(clip, torch.ones(len(clip), dtype=torch.bool))


def _power(clip: Tensor, name: str) -> Tensor:
    power = check_clip(clip, name).square().mean()
    if not power > 0:
        raise AudioError(f"the {name} is silent: nothing of it can be damaged")
    return power

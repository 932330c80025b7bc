"""Where somebody speaks: frames that are clearly louder than the quiet ones."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.spectrogram import frame
from mmbook.preprocessing.ranges import check_setting

SILENCE_DB = -100.0  # the level of digital silence, whose logarithm is not finite


@dataclass(frozen=True)
class VoiceActivityConfig:
    """How speech is told from background by its level.

    size, hop: of the frames, in samples. quiet: the share of frames that are taken for background.
    margin_db: how far above the background, and range_db: how far at most below the loudest frame
    speech is. hangover: frames kept on either side, since words begin and end softly.
    """

    size: int = 200
    hop: int = 80
    quiet: float = 0.1
    margin_db: float = 6.0
    range_db: float = 40.0
    hangover: int = 5

    def __post_init__(self) -> None:
        for name, low in (("size", 1), ("hop", 1), ("hangover", 0)):
            check_setting(getattr(self, name), name, low=low, whole=True)
        check_setting(self.quiet, "quiet", low=0, high=1)
        for name in ("margin_db", "range_db"):
            check_setting(getattr(self, name), name)


def frame_levels(waveforms: Tensor, size: int, hop: int) -> Tensor:
    """The root mean square of each frame in decibels below full scale, (n, frames).

    waveforms: (n, samples). Digital silence has SILENCE_DB.
    """
    energies = frame(waveforms, size, hop).square().mean(dim=-1)
    return (10 * energies.log10()).clamp(min=SILENCE_DB)


def voice_activity(waveforms: Tensor, config: VoiceActivityConfig | None = None) -> Tensor:
    """Which frames hold speech, (n, frames) boolean, frames as in `frame`.

    A frame is active where it is louder than the background by the margin and not too far below the
    loudest. It knows nothing of voices: a slammed door is active too, and a clip without a pause
    has no background to compare with. waveforms: (n, samples).
    Source: the idea of Rabiner and Sambur 1975, with their energies and without their crossings.
    """
    config = config or VoiceActivityConfig()
    levels = frame_levels(waveforms, config.size, config.hop)  # (n, frames)
    background = levels.quantile(config.quiet, dim=1, keepdim=True, interpolation="lower")
    loudest = levels.amax(dim=1, keepdim=True)
    threshold = torch.maximum(background + config.margin_db, loudest - config.range_db)
    active = (levels > threshold).to(levels)
    reach = config.hangover
    # The maximum over neighbours: a frame is kept where any frame within reach is active.
    return F.max_pool1d(active, 2 * reach + 1, stride=1, padding=reach) > 0


def trim(clip: Tensor, config: VoiceActivityConfig | None = None) -> Tensor:
    """Cut what lies before the first and after the last active frame.

    clip: (samples,). Returns (fewer samples,). Raises AudioError where nothing is active.
    """
    config = config or VoiceActivityConfig()
    places = voice_activity(clip[None], config)[0].nonzero()[:, 0]
    if len(places) == 0:
        raise AudioError("no frame of the clip stands out from its background: nothing to keep")
    first, last = (int(place) * config.hop - config.size // 2 for place in places[[0, -1]])
    return clip[max(0, first) : last + config.size]

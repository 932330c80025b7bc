"""The network that inspects recordings: streams, convolutions, memory, a head for each question."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.models.config import ConfigError, ModelConfig
from mmbook.models.inspection.features import FrameFeatures, Stream
from mmbook.models.inspection.gathering import Gathered, Gathering
from mmbook.models.inspection.layers import (
    FrameMemory,
    Past,
    StreamEncoder,
    StreamFusion,
)
from mmbook.preprocessing.audio.checks import check_waveforms
from mmbook.preprocessing.audio.faults import FAULTS, HOP
from mmbook.preprocessing.audio.spectrogram import frame
from mmbook.tokens import Tokens

SCORES = ("stoi", "pesq")
PESQ_RANGE = (1.0, 4.55)
SUMMARY = 16  # numbers of each pooled vector that the judge of quality reads
VARYING = 48  # numbers of each frame whose mean and deviation over time are read
HIDDEN = 64  # of the judge


@dataclass(frozen=True, eq=False)
class Inspection:
    """What the network says of a batch of recordings.

    frames: (n, frames, 9) logits, frame k centred on sample HOP * k, real where mask, (n, frames),
    is true. faults: (n, 9) logits, of whether a fault is anywhere. snr: (n,) decibels. stoi: (n,)
    in [0, 1]. pesq: (n,) in PESQ_RANGE.
    """

    frames: Tensor
    mask: Tensor
    faults: Tensor
    snr: Tensor
    stoi: Tensor
    pesq: Tensor


@dataclass(frozen=True)
class InspectionConfig(ModelConfig):
    """The sizes of an `InspectionNetwork`.

    streams: what is looked at. window: samples of a spectrogram's frame; mels: its bands. stages:
    channels of the convolutions over time and frequency; statistics: of those over time alone; none
    leave frames as they are. width: of each stream's tokens. layers: of the recurrent network,
    none for no memory but the convolutions'. fusion: of the streams, before the recurrent network
    ("concat", "attention"), or behind one for each ("late"). causal: whether only what came before
    is known of each frame. Raises ConfigError where these do not fit.
    """

    streams: tuple[str, ...] = ("spectrogram", "statistics")
    window: int = 512
    mels: int = 64
    stages: tuple[int, ...] = (16, 24, 32, 48)
    statistics: tuple[int, ...] = (32, 48)
    width: int = 96
    layers: int = 1
    fusion: Literal["concat", "attention", "late"] = "concat"
    causal: bool = False
    dropout: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        known = ("spectrogram", "statistics")
        if not self.streams or len(set(self.streams)) < len(self.streams):
            raise ConfigError(f"streams must be one or more of {known}, not {self.streams}")
        if unknown := [name for name in self.streams if name not in known]:
            raise ConfigError(f"there is no stream {unknown[0]!r}, only {known}")
        if self.width < 2 or self.width % 2 or self.layers < 0:
            raise ConfigError(
                f"width must be even, 2 or more, and layers 0 or more, not {self.width} and "
                f"{self.layers}"
            )
        if self.window < 2 * HOP or self.window % 2 or not 0 < self.mels <= self.window // 2:
            raise ConfigError(
                f"a window must be even, {2 * HOP} samples or more, with mels up to half of it, "
                f"not {self.window} and {self.mels}"
            )


class InspectionNetwork(nn.Module):
    """Says of a recording which faults it has, when, how loud noise is, and how good it sounds.

    inputs: {"audio": (n, samples) at RATE, or Padded}. Each frame is described by two streams, a
    log-mel spectrogram and statistics of its samples; convolutions make tokens of each, a recurrent
    network reads both; a linear map says of each frame what is there. What is anywhere, and how
    good it sounds, follows from attention pooling and from how the frames vary over time; the SNR
    is read by its definition, from the share of each frame's power that was added. Raises
    ValueError for another input.
    """

    def __init__(self, config: InspectionConfig) -> None:
        super().__init__()
        self.config, width, causal = config, config.width, config.causal
        streams: tuple[Stream, ...] = config.streams  # type: ignore[assignment]
        self.features = FrameFeatures(streams, config.window, config.mels)
        stages = {"spectrogram": config.stages, "statistics": config.statistics}
        self.encoders = nn.ModuleDict(
            {
                name: StreamEncoder(
                    self.features.widths[name],
                    width,
                    stages[name],
                    causal=causal,
                    bands=name == "spectrogram",
                )
                for name in streams
            }
        )
        late = config.fusion == "late"
        memories = (len(streams) if late else 1) if config.layers else 0
        self.memories = nn.ModuleList(
            FrameMemory(width, config.layers, causal=causal) for _ in range(memories)
        )
        read = 2 * width if memories else width
        self.fusion = StreamFusion(
            len(streams), read if late else width, attention=config.fusion == "attention"
        )
        self.dropout = nn.Dropout(config.dropout)
        self.locate = nn.Linear(read, len(FAULTS))
        heads = len(FAULTS) + len(SCORES)
        self.gathering = Gathering(read, heads, VARYING)
        self.detect = nn.Parameter(torch.randn(len(FAULTS), read) / read**0.5)
        self.vary = nn.Linear(2 * VARYING, len(FAULTS))
        self.summary = nn.Linear(read, SUMMARY)
        self.judge = nn.Sequential(
            nn.Linear(heads * SUMMARY + 2 * VARYING, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, len(SCORES)),
        )

    def forward(self, inputs: Mapping[str, Tensor | Padded]) -> Inspection:
        if "audio" not in inputs:
            raise ValueError(f'an inspector reads "audio", which is not among {sorted(inputs)}')
        frames, mask = self.frames(inputs["audio"])
        tokens = self.tokens(frames, mask)
        tokens = Tokens(self.dropout(tokens.values), mask)
        gathered = self.gathering(tokens, self.features.power(frames))
        return self.conclude(self.locate(tokens.values), mask, gathered)

    def frames(self, audio: Tensor | Padded) -> tuple[Tensor, Tensor]:
        """Frames of samples (n, 1 + samples // HOP, window), and which are real."""
        if isinstance(audio, Padded):
            samples, lengths = audio.filled(), audio.lengths
        else:
            samples = check_waveforms(audio)
            lengths = torch.full((len(audio),), audio.shape[1], device=audio.device)
        frames = frame(samples, self.config.window, HOP)  # a view
        places = torch.arange(frames.shape[1], device=frames.device)
        return frames, places <= lengths[:, None] // HOP

    def tokens(self, frames: Tensor, mask: Tensor, past: Past | None = None) -> Tokens:
        """What the network knows of each frame, (n, frames, width); past: of frames before."""
        features = self.features(frames)
        found = [
            encoder(Tokens(features[name], mask), past) for name, encoder in self.encoders.items()
        ]
        if self.config.fusion == "late" and self.memories:
            pairs = zip(self.memories, found, strict=True)
            return self.fusion([memory(tokens, past) for memory, tokens in pairs])
        fused = self.fusion(found)
        for memory in self.memories:
            fused = memory(fused, past)
        return fused

    def conclude(self, frames: Tensor, mask: Tensor, gathered: Gathered) -> Inspection:
        """What follows from each frame's logits, and what was gathered over frames."""
        pooled, moments = gathered.pooled.mean(), gathered.moments.both()
        faults = (pooled[:, : len(FAULTS)] * self.detect).sum(dim=-1) + self.vary(moments)
        read = torch.cat([self.summary(pooled).flatten(1), moments], dim=-1)
        stoi, pesq = self.judge(read).float().unbind(1)
        low, high = PESQ_RANGE
        return Inspection(
            frames=frames.float(),
            mask=mask,
            faults=faults.float(),
            snr=gathered.energies.snr(),
            stoi=stoi.sigmoid(),
            pesq=low + (high - low) * pesq.sigmoid(),
        )

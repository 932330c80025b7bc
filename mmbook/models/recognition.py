"""A classifier that reads raw input and says what it is."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from mmbook.encoders import ConvolutionalEncoder, SpectrogramEncoder
from mmbook.encoders.residual import ResidualEncoder
from mmbook.layers.modes import evaluating
from mmbook.models.classification import Fusion, fusion_and_decoder
from mmbook.models.config import ConfigError, ModelConfig
from mmbook.models.inputs import InputConfig
from mmbook.models.multimodal import MultimodalModel


@dataclass(frozen=True)
class Prediction:
    """What a model says, and how sure it is.

    label: the most probable answer. probability: of it. probabilities: {answer: its probability},
    the most probable first.
    """

    label: str
    probability: float
    probabilities: Mapping[str, float]

    @classmethod
    def of(cls, labels: Mapping[int, str] | tuple[str, ...], scores: Tensor) -> Self:
        """From scores (classes,), whose softmax says how probable each answer is.

        Raises ValueError where it says nothing: for NaN, infinity, or -infinity alone.
        """
        values, order = scores.double().softmax(dim=-1).sort(descending=True, stable=True)
        if values.isnan().any():
            raise ValueError(f"scores must be numbers below infinity, not {scores.tolist()[:9]}")
        found = zip(order.tolist(), values.tolist(), strict=True)
        named = {labels[index]: value for index, value in found}
        label = next(iter(named))
        return cls(label, named[label], named)


class EncoderConfig(ModelConfig):
    """An encoder that makes tokens of a width, in stages of so many channels.

    Raises ConfigError where there is no stage, or one without channels.
    """

    width: int
    stages: tuple[int, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.stages or min(self.stages) < 1:
            raise ConfigError(f"stages must be one or more numbers above 0, not {self.stages}")


@dataclass(frozen=True)
class ResidualEncoderConfig(EncoderConfig, kind="residual-encoder"):
    """See `ResidualEncoder`."""

    channels: int = 1
    width: int = 128
    stages: tuple[int, ...] = (32, 64)
    depths: tuple[int, ...] = (1, 2)

    def build(self) -> ResidualEncoder:
        """The encoder with random weights."""
        return ResidualEncoder(**asdict(self))


@dataclass(frozen=True)
class ConvolutionalEncoderConfig(EncoderConfig, kind="convolutional-encoder"):
    """See `ConvolutionalEncoder`."""

    channels: int = 1
    width: int = 64
    stages: tuple[int, ...] = (16, 32, 64)

    def build(self) -> ConvolutionalEncoder:
        """The encoder with random weights."""
        return ConvolutionalEncoder(**asdict(self))


@dataclass(frozen=True)
class SpectrogramEncoderConfig(EncoderConfig, kind="spectrogram-encoder"):
    """See `SpectrogramEncoder`."""

    mels: int = 40
    width: int = 64
    stages: tuple[int, ...] = (8, 16, 32, 64)

    def build(self) -> SpectrogramEncoder:
        """The encoder with random weights."""
        return SpectrogramEncoder(**asdict(self))


@dataclass(frozen=True)
class RecogniserConfig(ModelConfig, kind="recogniser"):
    """A `classifier` together with how raw input is read and what its classes are called.

    inputs, encoders: one for each modality, all encoders of one width. labels: of the classes, in
    their order. fusion, dropout: see `classifier`. Raises ConfigError where these do not fit.
    """

    inputs: Mapping[str, InputConfig]
    encoders: Mapping[str, EncoderConfig]
    labels: tuple[str, ...]
    fusion: Fusion = "late"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.encoders or self.inputs.keys() != self.encoders.keys():
            raise ConfigError(
                f"each modality needs an input and an encoder: inputs of {sorted(self.inputs)}, "
                f"encoders of {sorted(self.encoders)}"
            )
        if len({encoder.width for encoder in self.encoders.values()}) != 1:
            raise ConfigError("all encoders must make tokens of one width")
        if len({*self.labels, ""}) != len(self.labels) + 1 or len(self.labels) < 2:
            raise ConfigError(
                f"labels must be two or more that differ, none of them empty, not {self.labels}"
            )

    def build(self) -> "Recogniser":
        """The model with random weights."""
        return Recogniser(self)


class Recogniser(MultimodalModel):
    """A classifier with `predict` on raw input; trained and called like any `MultimodalModel`."""

    def __init__(self, config: RecogniserConfig) -> None:
        encoders: dict[str, nn.Module] = {m: c.build() for m, c in config.encoders.items()}
        width = next(iter(config.encoders.values())).width
        join, decoder = fusion_and_decoder(
            tuple(encoders), width, len(config.labels), config.fusion, config.dropout
        )
        super().__init__(encoders, join, decoder)
        self.config = config

    @torch.inference_mode()
    def predict(self, raw: Any = None, **named: Any) -> Prediction:
        """What one raw input shows; of a model with several modalities, those that are named.

        raw: an image (a path, bytes, an image of PIL; see `as_pixels`) or a sound (a path, or
        samples with their rate; see `as_waveform`). Raises a ValueError that says what is wrong.
        """
        if raw is not None:
            if len(self.config.inputs) > 1 or named:
                raise ValueError(f"name the inputs: predict({', '.join(self.config.inputs)}=...)")
            named = {next(iter(self.config.inputs)): raw}
        if not named or not named.keys() <= self.config.inputs.keys():
            raise ValueError(f"inputs {sorted(named)}, but there are {sorted(self.config.inputs)}")
        weight = next(self.parameters())
        batch = {m: self.config.inputs[m](x)[None].to(weight) for m, x in named.items()}
        with evaluating(self):
            scores = self(batch)[0]  # (classes,)
        return Prediction.of(self.config.labels, scores)

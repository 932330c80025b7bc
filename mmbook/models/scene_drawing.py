"""Draws a scene that a sentence asks for: in one go, or by following a flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.decoders.flow import FlowDecoder, guided, integrate, velocity_to
from mmbook.encoders.rnn import RecurrentEncoder
from mmbook.layers.modes import evaluating
from mmbook.losses import Loss
from mmbook.losses.flow_matching import Velocity, flow_matching
from mmbook.models.captioning import CaptionWords
from mmbook.models.config import ConfigError, ModelConfig
from mmbook.preprocessing.text.characters import TextError
from mmbook.preprocessing.text.special import UNK
from mmbook.preprocessing.text.tokenizers import encode_batch
from mmbook.tokens import Tokens

BATCH = 100  # pictures that are drawn at a time


@dataclass(frozen=True)
class SceneDrawingConfig(ModelConfig, kind="scene-drawing"):
    """A network that reads sentences and draws.

    tokenizer: the words of the sentences. steps: from noise to picture; one that adversaries taught
    takes a single step, one that flow matching taught takes many. guidance: how far from what is
    drawn without a sentence, see `guided`. method: see `integrate`. The rest as in `FlowDecoder`.
    Raises ConfigError for no step.
    """

    tokenizer: CaptionWords
    size: int = 32
    width: int = 96
    channels: int = 32
    layers: int = 2
    heads: int = 2
    steps: int = 1
    guidance: float = 1.0
    method: Literal["euler", "heun"] = "euler"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.steps < 1:
            raise ConfigError(f"steps must be 1 or more, not {self.steps}")

    @property
    def noise(self) -> int:
        """Numbers of noise that a picture is made of."""
        return 3 * self.size**2

    def build(self) -> "SceneDrawing":
        """The model with random weights."""
        return SceneDrawing(self)


class SceneDrawing(nn.Module):
    """From {"text": ids} and noise to pictures; `draw` and `predict` take sentences.

    Pictures are (batch, 3, size, size), about within [-1, 1]; noise: (batch, 3 · size²), Gaussian.
    Called, the model draws in a single step.
    """

    def __init__(self, config: SceneDrawingConfig) -> None:
        super().__init__()
        self.config, self.tokenizer = config, config.tokenizer.build()
        self.encoder = RecurrentEncoder(len(self.tokenizer), config.width)
        self.decoder = FlowDecoder(
            config.width, config.size, config.channels, config.layers, config.heads
        )

    def forward(self, inputs: Mapping[str, Tensor], noise: Tensor) -> Tensor:
        x = self._squared(noise)
        return self.decoder(self.encoder(inputs["text"]), x, x.new_zeros(len(x)))

    def velocity(self, tokens: Tokens) -> Velocity:
        """Where noise flows that is to become what the tokens of a sentence say."""
        return lambda x, time: velocity_to(self.decoder(tokens, x, time), x, time)

    @torch.inference_mode()
    def draw(self, sentences: Sequence[str], seed: int = 0) -> Tensor:
        """A picture of each sentence, (n, 3, size, size) in [0, 1]; one seed gives the same ones.

        Raises TextError for no sentence, or an empty one, or a word that is not known.
        """
        ids = self._read(sentences)
        noise = torch.randn(len(ids), self.config.noise, generator=_generator(seed))
        device = next(self.parameters()).device
        with evaluating(self):
            parts = [
                self.follow(part.to(device), some.to(device)).cpu()
                for part, some in zip(ids.split(BATCH), noise.split(BATCH), strict=True)
            ]
        return ((torch.cat(parts) + 1) / 2).clamp(0, 1)

    def predict(self, sentence: str, seed: int = 0) -> Tensor:
        """A picture of a sentence, (3, size, size) in [0, 1]. Raises TextError as `draw` does."""
        return self.draw([sentence], seed)[0]

    def follow(self, ids: Tensor, noise: Tensor) -> Tensor:
        """What noise becomes, in the steps and with the guidance of the configuration."""
        tokens = self.encoder(ids)
        nothing = tokens.masked(tokens.present().logical_not())
        velocity = guided(self.velocity(tokens), self.velocity(nothing), self.config.guidance)
        return integrate(velocity, self._squared(noise), self.config.steps, self.config.method)

    def _squared(self, noise: Tensor) -> Tensor:
        if noise.ndim != 2 or noise.shape[1] != self.config.noise:
            raise ValueError(
                f"noise must be (batch, {self.config.noise}), not {tuple(noise.shape)}"
            )
        return noise.unflatten(1, (3, self.config.size, self.config.size))

    def _read(self, sentences: Sequence[str]) -> Tensor:
        """The ids of sentences, all of whose words are known."""
        if isinstance(sentences, str) or not sentences:
            raise TextError(f"sentences must be a list of one or more, not {sentences!r}")
        ids = encode_batch(self.tokenizer, sentences).filled()
        for sentence, row in zip(sentences, ids.tolist(), strict=True):
            if UNK in row:
                known = ", ".join(self.config.tokenizer.words)
                raise TextError(f"{sentence!r} has a word that is none of: {known}")
        return ids


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@dataclass(frozen=True)
class FlowMatching:
    """What a `SceneDrawing` minimises by flow matching, for batches of "image" and "text".

    Images are in [0, 1]. untold: the share of pictures whose sentence is hidden, so that the model
    learns what guidance needs. Times are σ(n) of a Gaussian n around `middle` with the deviation
    `spread`: what is drawn where is decided early. Source: Esser et al. (2024) for these times.
    """

    untold: float = 0.1
    middle: float = -1.5
    spread: float = 1.2

    def __call__(self, model: nn.Module, batch: Batch) -> Loss:
        network = getattr(model, "network", model)  # of an `Averaged`
        if not isinstance(network, SceneDrawing):
            raise ValueError(f"only a SceneDrawing flows, not a {type(network).__name__}")
        images = batch.inputs["image"] * 2 - 1
        count, device = len(images), images.device
        tokens = network.encoder(batch.inputs["text"])
        tokens = tokens.masked(torch.rand(count, device=device) >= self.untold)
        time = (self.middle + self.spread * torch.randn(count, device=device)).sigmoid()
        return flow_matching(network.velocity(tokens), torch.randn_like(images), images, time)

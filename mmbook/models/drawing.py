"""Draws an image of a word: reads its characters, and makes one image of each noise."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmbook.decoders.generator import ImageGenerator
from mmbook.encoders.rnn import RecurrentEncoder
from mmbook.fusion.concat import ConcatFusion
from mmbook.layers.modes import evaluating
from mmbook.models.config import ConfigError, ModelConfig
from mmbook.models.multimodal import MultimodalModel
from mmbook.preprocessing.text.characters import CharacterTokenizer, TextError
from mmbook.preprocessing.text.special import UNK


@dataclass(frozen=True)
class DrawingConfig(ModelConfig, kind="drawing"):
    """A generator that reads words.

    characters: all that are known, each once, in the order of their ids. width: of the word's
    vector. The rest as in `ImageGenerator`. Raises ConfigError for other characters.
    """

    characters: str
    size: int = 28
    width: int = 32
    noise: int = 64
    channels: int = 16
    hidden: int = 128

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            self.tokenizer()
        except TextError as error:
            raise ConfigError(f"characters: {error}") from error

    def tokenizer(self) -> CharacterTokenizer:
        """What turns words into ids."""
        return CharacterTokenizer(self.characters)

    def build(self) -> "Drawing":
        """The model with random weights."""
        return Drawing(self)


class Drawing(MultimodalModel):
    """From {"text": ids} and noise to images; a `MultimodalModel` with `predict` on a word."""

    def __init__(self, config: DrawingConfig) -> None:
        tokenizer = config.tokenizer()
        encoder = RecurrentEncoder(len(tokenizer), config.width, bidirectional=False)
        generator = ImageGenerator(
            config.width, config.noise, config.size, config.channels, config.hidden
        )
        super().__init__({"text": encoder}, ConcatFusion(["text"], config.width), generator)
        self.config, self.tokenizer = config, tokenizer

    @torch.inference_mode()
    def predict(self, word: str, count: int = 1, seed: int = 0) -> Tensor:
        """Images of a word, (count, 1, size, size) in [0, 1]; the same seed gives the same ones.

        Raises TextError for a word that is empty or has an unknown character, and ValueError for a
        count below 1.
        """
        ids = self.tokenizer.encode(word)
        if not ids or UNK in ids:
            raise TextError(f"{word!r} must be of the characters {self.config.characters!r}")
        if count < 1:
            raise ValueError(f"count must be 1 image or more, not {count}")
        device = next(self.parameters()).device
        noise = torch.randn(count, self.config.noise, generator=torch.Generator().manual_seed(seed))
        with evaluating(self):
            images = self({"text": torch.tensor([ids] * count, device=device)}, noise.to(device))
        return (images.cpu() + 1) / 2

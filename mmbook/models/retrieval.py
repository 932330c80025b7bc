"""Finds pictures by a sentence: a shared space that reads raw input."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mmbook.encoders.grid import GridEncoder
from mmbook.encoders.rnn import RecurrentEncoder
from mmbook.layers.modes import evaluating
from mmbook.models.alignment import SharedSpace
from mmbook.models.config import ModelConfig
from mmbook.models.inputs import InputConfig
from mmbook.models.next_word import EnglishWords
from mmbook.preprocessing.images.raw import as_pixels
from mmbook.preprocessing.images.transforms import resize_image, to_tensor
from mmbook.preprocessing.text.characters import TextError
from mmbook.preprocessing.text.special import UNK
from mmbook.preprocessing.text.tokenizers import encode_batch

BATCH = 256  # pictures or sentences that are encoded at a time


@dataclass(frozen=True)
class SquareImage(InputConfig, kind="square-image"):
    """A picture in colour of size x size pixels, stretched where it is not square: (3, size, size).

    Raw: see `as_pixels`.
    """

    size: int = 32

    def __call__(self, raw: Any) -> Tensor:
        pixels = resize_image(as_pixels(raw), self.size, self.size)
        return to_tensor(pixels[None].copy())[0]  # a picture of PIL may not be written to


@dataclass(frozen=True)
class ImageSearchConfig(ModelConfig, kind="image-search"):
    """A space of pictures and English sentences.

    image, tokenizer: how both are read. The rest as in `GridEncoder` and `SharedSpace`. bias: for
    the sigmoid loss to learn, or None.
    """

    tokenizer: EnglishWords
    image: SquareImage = SquareImage()
    width: int = 96
    stages: tuple[int, ...] = (24, 48)
    hidden: int = 384
    bias: float | None = None

    def build(self) -> "ImageSearch":
        """The model with random weights."""
        return ImageSearch(self)


class ImageSearch(SharedSpace):
    """A `SharedSpace` of "image" and "text" with `predict` on raw input."""

    def __init__(self, config: ImageSearchConfig) -> None:
        tokenizer, width = config.tokenizer.build(), config.width
        encoders = {
            "image": GridEncoder(
                config.image.size, width=width, stages=config.stages, hidden=config.hidden
            ),
            "text": RecurrentEncoder(len(tokenizer), width),
        }
        super().__init__(encoders, width, width, bias=config.bias)
        self.config, self.tokenizer = config, tokenizer

    def unknown_words(self, sentence: str) -> tuple[str, ...]:
        """The words of a sentence that the model has never seen. Raises TextError for no text."""
        words = self.tokenizer.split(sentence)
        ids = self.tokenizer.encode(sentence)
        return tuple(word for word, i in zip(words, ids, strict=True) if i == UNK)

    def embed(self, modality: str, values: Any) -> Tensor:
        """See `SharedSpace`. Pictures are bytes, or numbers in [0, 1]; ids are as they are."""
        if modality == "image":
            values = (values.float() / 255 if values.dtype == torch.uint8 else values) - 0.5
        return super().embed(modality, values)

    @torch.inference_mode()
    def embed_images(self, images: Tensor) -> Tensor:
        """Pictures as `config.image` reads them, (n, 3, size, size), in the space: (n, space)."""
        return self._embed("image", images)

    @torch.inference_mode()
    def embed_sentences(self, sentences: Sequence[str]) -> Tensor:
        """Sentences in the space, (n, space). Raises TextError where one is empty, or no text."""
        if not len(sentences):
            raise TextError("there is no sentence to look for")
        return self._embed("text", encode_batch(self.tokenizer, sentences).values)

    def predict(self, sentence: str, pictures: Sequence[Any]) -> Tensor:
        """How well each raw picture fits the sentence: cosines, (pictures,).

        Raises TextError and ImageError where one cannot be read, and ValueError without pictures.
        """
        if not len(pictures):
            raise ValueError("there are no pictures to compare with")
        images = torch.stack([self.config.image(picture) for picture in pictures])
        return self.embed_images(images) @ self.embed_sentences([sentence])[0]

    def _embed(self, modality: str, values: Tensor) -> Tensor:
        device = self.log_scale.device
        with evaluating(self):
            parts = [self.embed(modality, part.to(device)).cpu() for part in values.split(BATCH)]
        return torch.cat(parts)

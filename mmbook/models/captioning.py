"""Says what a picture shows: picture tokens, and a decoder that looks at them while it writes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from mmbook.batch import Batch, Padded
from mmbook.decoders.autoregressive import AutoregressiveDecoder
from mmbook.decoders.generation import beam_search
from mmbook.decoders.masked_history import MaskedHistory
from mmbook.decoders.recurrent import RecurrentDecoder
from mmbook.decoders.transformer import TransformerDecoder
from mmbook.encoders.feature_grid import FeatureGridEncoder
from mmbook.layers.modes import evaluating
from mmbook.models.config import ConfigError, ModelConfig
from mmbook.models.language import NextToken, next_token_batch
from mmbook.models.recognition import EncoderConfig
from mmbook.models.retrieval import SquareImage
from mmbook.preprocessing.text.segmentation import Lexicon
from mmbook.preprocessing.text.special import BOS, EOS, PAD, UNK
from mmbook.preprocessing.text.tokenizers import WordTokenizer
from mmbook.preprocessing.text.vocabulary import Vocabulary
from mmbook.tokens import Tokens

BATCH = 250  # pictures that are described at a time
CENTRE, SPREAD = 200.0, 60.0  # of the pixels of scenes, about
Language = Literal["en", "zh"]
_WORD = re.compile(r"[^\s,]+|,")


class CaptionTokenizer(WordTokenizer):
    """Words and commas; a sentence comes back as it was."""

    def decode(self, ids: Any) -> str:
        return super().decode(ids).replace(" ,", ",")


@dataclass(frozen=True)
class CaptionWords(ModelConfig, kind="caption-words"):
    """The words of captions in a language, in their order. Chinese is cut where they begin."""

    words: tuple[str, ...]
    language: Language = "en"

    def build(self) -> CaptionTokenizer:
        """The tokenizer."""
        vocabulary = Vocabulary(self.words)
        if self.language == "en":
            return CaptionTokenizer(vocabulary, _WORD.findall)
        lexicon = Lexicon(dict.fromkeys(self.words, 1))
        return CaptionTokenizer(vocabulary, lexicon.most_probable, blank="")


@dataclass(frozen=True)
class FeatureGridEncoderConfig(EncoderConfig, kind="feature-grid-encoder"):
    """See `FeatureGridEncoder`."""

    channels: int = 3
    width: int = 96
    stages: tuple[int, ...] = (32, 48, 48, 96)
    strides: tuple[int, ...] = (2, 2, 1, 2, 1)

    def build(self) -> FeatureGridEncoder:
        """The encoder with random weights."""
        return FeatureGridEncoder(**asdict(self))


class DecoderConfig(ModelConfig):
    """A decoder that looks at a memory."""

    def make(self, vocabulary: int, width: int) -> AutoregressiveDecoder:
        """The decoder with random weights, of the model's vocabulary and width."""
        raise NotImplementedError


@dataclass(frozen=True)
class RecurrentDecoderConfig(DecoderConfig, kind="recurrent-decoder"):
    """See `RecurrentDecoder`."""

    layers: int = 1
    cell: Literal["rnn", "gru", "lstm"] = "gru"
    heads: int = 4
    dropout: float = 0.0

    def make(self, vocabulary: int, width: int) -> RecurrentDecoder:
        return RecurrentDecoder(vocabulary, width, cross=True, **asdict(self))


@dataclass(frozen=True)
class TransformerDecoderConfig(DecoderConfig, kind="transformer-decoder"):
    """See `TransformerDecoder`."""

    layers: int = 2
    heads: int = 4
    dropout: float = 0.0

    def make(self, vocabulary: int, width: int) -> TransformerDecoder:
        return TransformerDecoder(vocabulary, width, cross=True, **asdict(self))


@dataclass(frozen=True)
class CaptionerConfig(ModelConfig, kind="captioner"):
    """A picture's encoder, a decoder, and its words.

    masked: the words that the decoder, once it has written them, reads as one sign; see
    `MaskedHistory`. longest: tokens of a caption. Raises ConfigError where a masked word is not
    among the words.
    """

    tokenizer: CaptionWords
    encoder: EncoderConfig = FeatureGridEncoderConfig()
    decoder: DecoderConfig = TransformerDecoderConfig()
    image: SquareImage = field(default_factory=lambda: SquareImage(64))
    masked: tuple[str, ...] = ()
    longest: int = 64

    def __post_init__(self) -> None:
        super().__post_init__()
        if unknown := [word for word in self.masked if word not in self.tokenizer.words]:
            raise ConfigError(f"the masked word {unknown[0]!r} is none of the tokenizer's words")

    def build(self) -> "Captioner":
        """The model with random weights."""
        return Captioner(self)


class Captioner(NextToken):
    """A language model that looks at a picture: `caption` writes, `predict` takes raw input.

    inputs: {"image": as `look` takes it, "text": as in `NextToken`}; returns logits, (batch,
    length, vocabulary). So it is trained by `next_token_loss`. Source: Xu et al. 2015.
    """

    def __init__(self, config: CaptionerConfig) -> None:
        tokenizer, width = config.tokenizer.build(), config.encoder.width
        encoder = config.encoder.build()
        decoder = config.decoder.make(len(tokenizer), width)
        if config.masked:
            decoder = MaskedHistory(decoder, tokenizer.vocabulary.encode(config.masked), UNK)
        super().__init__(decoder, PAD)
        self.encoder, self.config, self.tokenizer = encoder, config, tokenizer

    def look(self, images: Tensor) -> Tokens:
        """Picture tokens of (n, 3, height, width) bytes, or numbers in [0, 1]."""
        pixels = images.float() if images.dtype == torch.uint8 else 255 * images
        return self.encoder((pixels - CENTRE) / SPREAD)

    def states(self, inputs: Mapping[str, Tensor | Padded]) -> Tensor:
        """What the decoder knows after each token: (batch, length, width)."""
        images, text = inputs["image"], inputs["text"]
        if not isinstance(images, Tensor):
            raise ValueError("pictures must be a tensor, all of one size")
        ids = text.filled(self.pad) if isinstance(text, Padded) else text
        return self.model.states(self.look(images), ids)

    @torch.inference_mode()
    def caption(self, images: Tensor, beam: int = 1) -> list[str]:
        """A sentence for each picture, (n, 3, height, width) as in `look`.

        beam: how many candidates the search keeps; 1 takes the most probable word each time.
        Raises ValueError as `beam_search` does.
        """
        device, found = next(self.parameters()).device, []
        with evaluating(self):
            for part in images.split(BATCH):
                memory = self.look(part.to(device))
                ids, _ = beam_search(
                    self.model, memory, BOS, EOS, self.config.longest, beam, rows=len(part)
                )
                rows = zip(ids.values.tolist(), ids.lengths.tolist(), strict=True)
                found += [self.tokenizer.decode(row[:length]) for row, length in rows]
        return found

    def predict(self, picture: Any, beam: int = 1) -> str:
        """What a raw picture shows, as a sentence; raw: see `as_pixels`. Raises ImageError."""
        return self.caption(self.config.image(picture)[None], beam)[0]


def caption_batch(tokenizer: CaptionTokenizer, images: Tensor, captions: Sequence[str]) -> Batch:
    """Pictures (n, 3, height, width) and a sentence for each, as a `Captioner` learns from them.

    Raises ValueError where their numbers differ.
    """
    said = next_token_batch([[BOS, *tokenizer.encode(text), EOS] for text in captions], PAD)
    return Batch({"image": images, **said.inputs}, said.targets)

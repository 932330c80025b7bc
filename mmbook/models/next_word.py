"""A language model that reads a sentence and says how it goes on."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from mmbook.decoders import RecurrentDecoder
from mmbook.layers.modes import evaluating
from mmbook.models.config import ModelConfig
from mmbook.models.recognition import Prediction
from mmbook.preprocessing.text.special import BOS, EOS, FIRST
from mmbook.preprocessing.text.tokenizers import WordTokenizer, plain_words
from mmbook.preprocessing.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class EnglishWords(ModelConfig, kind="english-words"):
    """English words without case and punctuation. words: all that are known, in their order."""

    words: tuple[str, ...]

    def build(self) -> WordTokenizer:
        """The tokenizer."""
        return WordTokenizer(Vocabulary(self.words), plain_words)


@dataclass(frozen=True)
class NextWordConfig(ModelConfig, kind="next-word"):
    """A recurrent language model with its words; the rest as in `RecurrentDecoder`."""

    tokenizer: EnglishWords
    width: int = 128
    layers: int = 1
    cell: Literal["rnn", "gru", "lstm"] = "gru"
    tied: bool = True

    def build(self) -> "NextWord":
        """The model with random weights."""
        return NextWord(self)


class NextWord(nn.Module):
    """A language model with `predict` on a raw sentence. ids and logits: see its `decoder`."""

    def __init__(self, config: NextWordConfig) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = config.tokenizer.build()
        self.decoder = RecurrentDecoder(
            len(self.tokenizer), config.width, config.layers, cell=config.cell, tied=config.tied
        )

    def forward(self, ids: Tensor) -> Tensor:
        return self.decoder(None, ids)

    @torch.inference_mode()
    def predict(self, sentence: str) -> Prediction:
        """The words that may follow the beginning of a sentence; "<eos>" is its end.

        Raises TextError where the sentence is no text.
        """
        ids = torch.tensor([[BOS, *self.tokenizer.encode(sentence)]])
        with evaluating(self):
            scores = self(ids.to(next(self.parameters()).device))[0, -1]  # (vocabulary,)
        words = {0: "<eos>"} | dict(enumerate(self.tokenizer.vocabulary.words, 1))
        return Prediction.of(words, torch.cat([scores[EOS, None], scores[FIRST:]]))

"""Configurations of what captioners of photographs are made of."""

import torch

from mmbook.models.captioning import CaptionerConfig
from mmbook.models.config import ModelConfig, from_json, to_json
from mmbook.models.tagging import CaptionBytePairs, KeptGridConfig, TaggingEncoderConfig
from mmbook.preprocessing.text.bpe import readable
from mmbook.preprocessing.text.bpe_training import train_bpe

TEXTS = ["a dog runs on the beach", "a dog runs", "two dogs run on grass"]
MERGES = train_bpe(TEXTS, 12).merges
PIECES = CaptionBytePairs(tuple(readable(part) for pair in MERGES for part in pair))


def test_byte_pairs_are_those_that_were_learned() -> None:
    tokenizer = PIECES.build()
    assert tokenizer.merges == MERGES
    assert tokenizer.decode(tokenizer.encode(TEXTS[2])) == TEXTS[2]


def test_a_captioner_of_them_is_described_and_built_again() -> None:
    encoders: list[ModelConfig] = [
        TaggingEncoderConfig(width=8, stages=(4,), strides=(2, 2), tags=3, dropout=0.1),
        KeptGridConfig(width=8, stages=(6,), tags=3, dropout=0.1),
    ]
    for encoder, channels in zip(encoders, (3, 6), strict=True):
        config = CaptionerConfig(PIECES, encoder)  # type: ignore[arg-type]
        assert from_json(to_json(config)) == config
        model = config.build()
        pictures = torch.zeros(2, channels, 8, 8, dtype=torch.uint8)
        assert model.eval().look(pictures).values.shape[::2] == (2, 8)
        assert [type(text) for text in model.caption(pictures)] == [str, str]
        assert model.encoder.dropout.p == 0.1

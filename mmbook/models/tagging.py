"""What captioners of photographs are made of: encoders that tag, and captions in pieces."""

from dataclasses import dataclass

from mmbook.encoders.feature_grid import FeatureGridEncoder
from mmbook.encoders.tagging import KeptGrid, TaggingEncoder
from mmbook.models.captioning import CaptionWords, FeatureGridEncoderConfig
from mmbook.models.recognition import EncoderConfig
from mmbook.preprocessing.text.bpe import BytePairEncoding, from_readable


@dataclass(frozen=True)
class TaggingEncoderConfig(FeatureGridEncoderConfig, kind="tagging-encoder"):
    """A `FeatureGridEncoder` in a `TaggingEncoder`."""

    tags: int = 1
    dropout: float = 0.0

    def build(self) -> TaggingEncoder:  # type: ignore[override]
        """The encoder with random weights."""
        grid = FeatureGridEncoder(self.channels, self.width, self.stages, self.strides)
        return TaggingEncoder(grid, self.width, self.tags, self.dropout)


@dataclass(frozen=True)
class KeptGridConfig(EncoderConfig, kind="kept-grid-encoder"):
    """A `KeptGrid` in a `TaggingEncoder`. stages: the channels of the maps, one number."""

    width: int = 256
    stages: tuple[int, ...] = (1280,)
    tags: int = 1
    dropout: float = 0.0

    def build(self) -> TaggingEncoder:
        """The encoder with random weights."""
        (channels,) = self.stages
        grid = KeptGrid(channels, self.width, self.dropout)
        return TaggingEncoder(grid, self.width, self.tags, self.dropout)


@dataclass(frozen=True)
class CaptionBytePairs(CaptionWords, kind="caption-byte-pairs"):
    """Captions as byte pairs. words: the two parts of each merge, one after another, `readable`."""

    def build(self) -> BytePairEncoding:  # type: ignore[override]
        """The tokenizer."""
        parts = map(from_readable, self.words)
        return BytePairEncoding(zip(parts, parts, strict=True))

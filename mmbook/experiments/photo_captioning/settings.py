"""What decides how a captioner of photographs is made and trained."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.models.captioning import Language
from mmbook.training import TrainingConfig


@dataclass(frozen=True)
class System:
    """How a captioner sees, writes and learns.

    frozen: whether it reads the feature maps of a network trained on ImageNet, which stays as it
    is, in the place of pixels. decoder: what writes. pieces: what captions are made of; in Chinese,
    words are characters. augmented: whether training pictures are changed by chance. tags: the
    weight of the loss by which the encoder learns to name the words of captions. named_in: the
    languages of the captions whose words these are, by default that of the system. smoothing: the
    share of a target that is spread over all tokens. dropout: of tokens, embeddings and states.
    captions: of each picture in a batch, drawn anew each time. longer: times as many steps.
    """

    language: Language = "en"
    frozen: bool = False
    decoder: Literal["gru", "transformer"] = "gru"
    pieces: Literal["words", "byte pairs"] = "words"
    augmented: bool = True
    tags: float = 1.0
    named_in: tuple[Language, ...] = ()
    smoothing: float = 0.0
    dropout: float = 0.3
    captions: int = 1
    longer: float = 1.0


@dataclass(frozen=True)
class Sizes:
    """Of pictures, in pixels, and of networks.

    crop: what an augmented training picture is brought to. shown: the whole picture, where it is
    described. frozen: what the frozen network is given. stages, strides: of the encoder that learns
    from pixels.
    """

    crop: int = 64
    shown: int = 72
    frozen: int = 192
    width: int = 256
    stages: tuple[int, ...] = (32, 64, 96, 128, 192)
    strides: tuple[int, ...] = (2, 2, 1, 2, 1, 1)


def _training(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps,
        batch_size=64,
        learning_rate=1.5e-3,
        weight_decay=0.05,
        precision="bfloat16",
    )


@dataclass(frozen=True)
class Settings:
    """What is the same for all systems.

    scratch, frozen: the training of those that learn from pixels, and of the others. fewest: how
    often a word must occur in training captions to be written. named: of how many training pictures
    a caption must hold a word for it to be a tag. merges: of byte pairs.
    """

    scratch: TrainingConfig = field(default_factory=lambda: _training(3_000))
    frozen: TrainingConfig = field(default_factory=lambda: _training(1_500))
    sizes: Sizes = field(default_factory=Sizes)
    fewest: int = 5
    named: int = 20
    merges: int = 1_500

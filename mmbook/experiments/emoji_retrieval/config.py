"""What is compared, with which sizes and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mmbook.datasets.real.emoji import LANGUAGES
from mmbook.evaluation.result import Condition
from mmbook.training import TrainingConfig

Found = tuple[str, str, float, Condition]  # system, metric, value, condition
ASKED = ("en", "zh")  # the languages of queries


@dataclass(frozen=True)
class System:
    """What is learned from pairs of pictures and texts.

    pixels: pictures are read by a convolutional network, otherwise as hand-made features, by two
    layers. languages: of the texts in training. sampled, changed: as in `Draw`; of hand-made
    features, those of changed pictures. softness: as in `PairLoss`. begins: with the picture
    encoder that told changed views of the training pictures apart. rates: of learning, to choose
    from.
    """

    pixels: bool = False
    languages: tuple[str, ...] = ASKED
    sampled: bool = False
    changed: bool = False
    softness: float = 0.0
    begins: bool = False
    rates: tuple[float, ...] = (5e-4, 2e-3)


SYSTEMS: Mapping[str, System] = {
    "two layers on features": System(),
    "two layers, changed features": System(changed=True, softness=0.05),
    "two layers, changed, six languages": System(
        changed=True, sampled=True, softness=0.05, languages=LANGUAGES
    ),
    "convolutions": System(pixels=True, changed=True, softness=0.05, rates=(1e-3, 3e-3)),
    "convolutions, views first": System(
        pixels=True, changed=True, softness=0.05, begins=True, rates=(1e-3, 3e-3)
    ),
}


@dataclass(frozen=True)
class EmojiConfig:
    """Sizes of the splits, the networks and the extra questions, and the settings of training.

    side: of the pictures that convolutions read, in pixels. views: changed pictures of which
    hand-made features are kept. text_width: directions of the text space. shares: of the training
    groups, for the learning curve. curve: the learned systems of the learning curve and of the
    random split. hidden_share, fewest: of the keywords that so many emoji have, how many are
    hidden. speech: training of the spoken words.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    test_size: int = 300
    validation_size: int = 150
    side: int = 36
    views: int = 4
    width: int = 128
    hidden: int = 512
    text_width: int = 300
    dropout: float = 0.3
    shares: tuple[float, ...] = (0.25, 0.5)
    curve: tuple[str, ...] = ("two layers, changed features", "convolutions")
    hidden_share: float = 0.2
    fewest: int = 3
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=200, batch_size=256, weight_decay=0.1, warmup=0.05, precision="float32"
        )
    )
    speech: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=300, batch_size=256, learning_rate=2e-3, warmup=0.05, precision="float32"
        )
    )


TIERS = {"full": EmojiConfig()}

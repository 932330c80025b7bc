"""Which voices are set aside, how much noise there is, and the settings of training."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.preprocessing.audio.augmentation import SpecAugmentConfig
from mmbook.training import TrainingConfig

SHARES = 4  # of the training voices; folds and shorter lists of voices are made of these
FOLDS = {"2": ((0, 1), (2, 3)), "4": ((0,), (1,), (2,), (3,))}  # what each fold is trained without


@dataclass(frozen=True)
class CalibrationConfig:
    """Sizes, noise, and the settings of the training loop.

    voices: of the test in each round, and as many others for a temperature; all the rest train.
    rounds: test voices are other ones in each. held_back: takes of each digit and training voice
    that no ear is trained on; with none, known voices are measured on the clips of the training in
    other noise. level: the signal-to-noise ratio of the test, in decibels. noise: its range in
    training. image_noise, image_training: the same for the eye. speed: slowest and fastest, of the
    remedy "speed". stripes: of the remedy "stripes".
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    bank: Literal["mini", "full"] = "mini"
    voices: int = 4
    rounds: int = 3
    held_back: int = 0
    train_size: int = 5_000
    test_size: int = 1_000
    width: int = 32
    level: float = 0.0
    noise: tuple[float, float] = (-15.0, 20.0)
    image_noise: float = 1.6
    image_training: tuple[float, float] = (0.0, 2.4)
    speed: tuple[float, float] = (0.8, 1.25)
    stripes: SpecAugmentConfig = field(default_factory=SpecAugmentConfig)
    training: TrainingConfig = field(default_factory=lambda: _training(steps=200))


def _training(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch_size=64, learning_rate=2e-2, weight_decay=0.1, warmup=0.1
    )


TIERS = {
    "mini": CalibrationConfig(),
    "full": CalibrationConfig(
        bank="full",
        voices=1,
        rounds=6,
        held_back=5,
        train_size=8_000,
        level=10.0,
        training=_training(steps=250),
    ),
}

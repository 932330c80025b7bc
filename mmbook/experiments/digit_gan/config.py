"""What is compared, and with which sizes and settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mmbook.training import TrainingConfig


@dataclass(frozen=True)
class System:
    """How the adversaries play.

    loss: non-saturating, or hinge, with which the discriminator is spectrally normalised. penalty:
    the weight of R1. group: how many samples of a class the discriminator compares, 0 for none.
    haste: how many times as fast as the discriminator the generator learns.
    """

    loss: Literal["non-saturating", "hinge"] = "non-saturating"
    penalty: float = 0.2
    group: int = 4
    haste: float = 1.0


FULL = "full recipe"
SYSTEMS: Mapping[str, System] = {
    FULL: System(),
    "without R1": System(penalty=0.0),
    "without minibatch deviation": System(group=0),
    "hinge, spectral norm": System("hinge", penalty=0.0, group=0),
    "without both": System(penalty=0.0, group=0),
    "without both, hasty generator": System(penalty=0.0, group=0, haste=8.0),  # to collapse
}


@dataclass(frozen=True)
class DigitGanConfig:
    """Sizes and the settings of training, which are the same for all systems.

    images: "digits" (8 x 8) or "MNIST" (28 x 28). channels: of the narrower maps of both
    adversaries, see `ImageGenerator` and `DiscriminatorEncoder`. decay: of the averaged weights.
    asked: test images, of each of whose digits one is asked for. judge_steps: of the training of
    the network that measures, once for all; 0 takes the one that ships. groups: of samples of one
    class in a batch. systems: names of SYSTEMS.
    """

    images: Literal["digits", "MNIST"]
    asked: int
    training: TrainingConfig
    judge_steps: int = 0
    channels: int = 16
    decay: float = 0.999
    groups: int = 16
    seeds: tuple[int, ...] = (0, 1, 2)
    systems: tuple[str, ...] = tuple(SYSTEMS)

    @property
    def size(self) -> int:
        """Of the images, in pixels."""
        return {"digits": 8, "MNIST": 28}[self.images]


def _adversaries(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps,
        batch_size=64,
        learning_rate=1e-3,
        weight_decay=0.0,
        warmup=0.0,
        clip_norm=1e3,
        precision="float32",
    )


TIERS = {
    "mini": DigitGanConfig(
        images="digits",
        asked=597,
        training=_adversaries(700),
        judge_steps=300,
    ),
    "full": DigitGanConfig(
        images="MNIST",
        asked=5_000,
        training=_adversaries(4_000),
    ),
}

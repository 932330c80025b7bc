"""Which networks are trained on which images, and how."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmbook.preprocessing.images.policy import Augmentation
from mmbook.training import TrainingConfig


@dataclass(frozen=True)
class Recipe:
    """A residual network's sizes, and how it is trained.

    width, stages, depths: see `ResidualEncoder`. smoothing: the share of each target's probability
    that is spread over all classes (Szegedy et al. 2016).
    """

    width: int
    stages: tuple[int, ...]
    depths: tuple[int, ...]
    augmentation: Augmentation
    training: TrainingConfig
    smoothing: float = 0.1


@dataclass(frozen=True)
class ImageRecognitionConfig:
    """Recipes by the set they are for, and the settings of what they are compared with.

    baseline: the training of the networks without residual blocks, on the same images as they
    are. variants: the recipe in which one part of a block at a time is another, on the first
    `variant_size` images of the last set.
    """

    recipes: Mapping[str, Recipe]
    variants: Recipe
    baseline: TrainingConfig
    variant_size: int
    seeds: tuple[int, ...] = (0, 1, 2)


def _muon(
    steps: int,
    learning_rate: float = 3e-3,
    weight_decay: float = 0.05,
    batch_size: int = 256,
    precision: str = "bfloat16",
) -> TrainingConfig:
    """Settings for Muon: the learning rate rises for a quarter of the steps, then falls."""
    return TrainingConfig(
        steps=steps,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        warmup=0.25,
        clip_norm=10.0,
        precision=precision,
        checkpoint_every=200,
    )


_TURNED = Augmentation(degrees=12, zoom=0.12, shift=0.08)
_CLOTHES = Augmentation(margin=2, mirror=True, erase=0.25)

TIERS = {
    "mini": ImageRecognitionConfig(
        recipes={
            "digits": Recipe(
                width=64,
                stages=(16, 32),
                depths=(1, 2),
                augmentation=Augmentation(degrees=10, zoom=0.1, shift=0.08),
                training=_muon(steps=300, batch_size=64, precision="float32"),
            )
        },
        variants=Recipe(
            width=64,
            stages=(16, 32),
            depths=(1, 2),
            augmentation=Augmentation(),
            training=_muon(steps=150, batch_size=64, precision="float32"),
        ),
        baseline=TrainingConfig(steps=300, batch_size=64, learning_rate=3e-3),
        variant_size=1_000,
        seeds=(0, 1, 2, 3, 4),
    ),
    "full": ImageRecognitionConfig(
        recipes={
            "MNIST": Recipe(
                width=64,
                stages=(16, 32),
                depths=(1, 2),
                augmentation=_TURNED,
                training=_muon(steps=235 * 6),  # six times all 60 000 images
            ),
            "Fashion-MNIST": Recipe(
                width=128,
                stages=(16, 64),
                depths=(1, 2),
                augmentation=_CLOTHES,
                training=_muon(steps=235 * 12, learning_rate=1e-2, weight_decay=0.02),
            ),
        },
        variants=Recipe(
            width=64,
            stages=(16, 32),
            depths=(1, 2),
            augmentation=_CLOTHES,
            training=_muon(steps=200),
        ),
        baseline=TrainingConfig(steps=235 * 5, batch_size=256, learning_rate=3e-3),
        variant_size=10_000,
    ),
}

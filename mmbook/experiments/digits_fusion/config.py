"""What is compared, and with which sizes, noise and settings."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.datasets.digits.items import Corruption
from mmbook.training import TrainingConfig

BOTH = ("image", "audio")
THREE = ("image", "audio", "text")


@dataclass(frozen=True)
class System:
    """What joins which senses, and how often training hides one."""

    modalities: tuple[str, ...]
    fusion: str
    dropout: float = 0.0


SYSTEMS = {
    "image alone": System(("image",), "late"),
    "audio alone": System(("audio",), "late"),
    "text alone": System(("text",), "late"),
    "early": System(BOTH, "early"),
    "late": System(BOTH, "late"),
    "early, dropout": System(BOTH, "early", 0.5),
    "late, dropout": System(BOTH, "late", 0.5),
    "three, early, dropout": System(THREE, "early", 0.5),
    "three, late, dropout": System(THREE, "late", 0.5),
}
BASELINES = ("majority", "image alone", "audio alone", "text alone", "product", "three, product")


@dataclass(frozen=True)
class DigitsFusionConfig:
    """Sizes, the noise of training and of testing, and the settings of the training loop.

    training_noise: of the training samples, over the whole range of the test. calm: of the others,
    which are hardly disturbed. calm_share: how many of the training samples those are. None in
    mini, whose few images and voices would be learnt by heart.
    folds: groups of the training voices, each left out once to measure how sure an ear should be.
    bank: what ships with the book, or the real data sets.
    optimiser: Muon for the few steps of mini, which a reader repeats: in trials with one seed it
    learned more in them. Medium has more steps, on the same data.
    operating_point: where each sense alone is right in 60 to 80 of 100 cases. Voices of the full
    tier are those of people, and harder: they need less noise for it.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    bank: Literal["mini", "full"] = "mini"
    train_size: int = 8_000
    test_size: int = 2_000
    width: int = 64
    folds: int = 2
    calm_share: float = 0.0
    training_noise: Corruption = field(
        default_factory=lambda: Corruption(
            image_noise=(0.0, 2.4),
            audio_snr_db=(-15.0, 20.0),
            audio_speed=(0.8, 1.25),
            text_mask=(0.0, 0.9),
        )
    )
    calm: Corruption = field(
        default_factory=lambda: Corruption(
            image_noise=(0.0, 0.2),
            audio_snr_db=(10.0, 40.0),
            audio_speed=(0.8, 1.25),
            text_mask=(0.0, 0.2),
        )
    )
    image_noise: tuple[float, ...] = (0.0, 0.4, 0.8, 1.2, 1.6, 2.4)
    audio_snr_db: tuple[float | None, ...] = (None, 10.0, 0.0, -4.0, -8.0, -10.0, -12.0)
    operating_point: Corruption = field(default_factory=lambda: _operating_point(-10.0))
    optimiser: Literal["adamw", "muon"] = "muon"
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=350, batch_size=64, learning_rate=2e-2, weight_decay=0.1, warmup=0.1
        )
    )


def _operating_point(audio_snr_db: float) -> Corruption:
    return Corruption(image_noise=1.6, audio_snr_db=audio_snr_db, text_mask=0.5)


def _adamw(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch_size=128, learning_rate=3e-3, weight_decay=0.1, checkpoint_every=200
    )


TIERS = {
    "mini": DigitsFusionConfig(),
    "medium": DigitsFusionConfig(
        train_size=20_000, folds=4, optimiser="adamw", training=_adamw(1_600)
    ),
    "full": DigitsFusionConfig(
        bank="full",
        train_size=120_000,
        test_size=10_000,
        folds=4,
        calm_share=0.5,
        operating_point=_operating_point(-8.0),
        optimiser="adamw",
        training=_adamw(4_000),
    ),
}

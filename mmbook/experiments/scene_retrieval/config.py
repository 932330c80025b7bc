"""What is compared, and with which sizes and settings."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.training import TrainingConfig


@dataclass(frozen=True)
class System:
    """What a network is told.

    ordered: whether it reads the words in their order, and not by the alphabet. altered: the names
    of `mmbook.datasets.scenes.alterations.ALTERATIONS` of which a batch holds a sentence a scene as
    hard negatives. sigmoid: the sigmoid loss in the place of InfoNCE. decoys: whether a batch holds
    as many other sentences of the training split in their place, as a control.
    """

    ordered: bool = True
    altered: tuple[str, ...] = ()
    sigmoid: bool = False
    decoys: bool = False


HARD = ("order", "binding")
SYSTEMS = {
    "words by the alphabet": System(ordered=False),
    "InfoNCE": System(),
    "sigmoid": System(sigmoid=True),
    "InfoNCE, more sentences": System(altered=HARD, decoys=True),
    "InfoNCE, hard negatives": System(altered=HARD),
}
SHIPPED = "InfoNCE, hard negatives"


def _steps(number: int) -> TrainingConfig:
    return TrainingConfig(
        steps=number, batch_size=128, learning_rate=2e-3, weight_decay=0.1, warmup=0.05
    )


@dataclass(frozen=True)
class SceneRetrievalConfig:
    """Sizes and the settings of training, which are the same for all systems.

    scenes: what is drawn; two objects each, so that there is a relation. size: of the images in
    pixels. candidates: scenes of different captions among which is searched. systems: names of
    SYSTEMS.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    language: Literal["en", "zh"] = "en"
    scenes: SceneConfig = field(
        default_factory=lambda: SceneConfig(objects=(2, 2), radii=((0.12, 0.15), (0.2, 0.24)))
    )
    size: int = 32
    train_size: int = 30_000
    candidates: int = 1_000
    width: int = 96
    systems: tuple[str, ...] = tuple(SYSTEMS)
    training: TrainingConfig = field(default_factory=lambda: _steps(1_500))


TIERS = {
    "mini": SceneRetrievalConfig(systems=("InfoNCE", SHIPPED), training=_steps(1_000)),
    "medium": SceneRetrievalConfig(systems=tuple(s for s in SYSTEMS if s != "sigmoid")),
    "full": SceneRetrievalConfig(train_size=60_000, systems=(SHIPPED,), training=_steps(5_000)),
}

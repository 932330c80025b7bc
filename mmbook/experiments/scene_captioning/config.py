"""What is compared, and with which sizes and settings."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.models.captioning import Language
from mmbook.training import TrainingConfig


@dataclass(frozen=True)
class System:
    """How a captioner is trained.

    objects_first: whether it first learns from pictures of one object; otherwise it learns from
    scenes for as long as both would take. masked: whether words for colours and shapes are one sign
    to the decoder once they are written. decoder: what writes. blind: whether all pictures are
    empty, in training and afterwards.
    """

    objects_first: bool = False
    masked: bool = False
    language: Language = "en"
    decoder: Literal["transformer", "gru"] = "transformer"
    blind: bool = False


BEST = "objects first, masked history"
CHINESE = f"{BEST}, Chinese"
SYSTEMS = {
    "no picture": System(blind=True),
    "scenes only": System(),
    "scenes only, masked history": System(masked=True),
    "objects first": System(objects_first=True),
    BEST: System(objects_first=True, masked=True),
    f"{BEST}, GRU": System(objects_first=True, masked=True, decoder="gru"),
    CHINESE: System(objects_first=True, masked=True, language="zh"),
}
SHIPPED = {BEST: "scene-captioner", CHINESE: "scene-captioner-zh"}  # and the names of the folders


@dataclass(frozen=True)
class Stage:
    """Pictures and the training on them.

    scenes: what is drawn; size: of the pictures in pixels; count: how many there are.
    """

    scenes: SceneConfig
    size: int
    count: int
    training: TrainingConfig


def _objects(steps: int, count: int) -> Stage:
    """One object a picture of half the width, as large in pixels as in a whole one."""
    alone = SceneConfig(objects=(1, 1), radii=((0.16, 0.2), (0.28, 0.34)))
    training = TrainingConfig(steps=steps, batch_size=64, learning_rate=2e-3, weight_decay=0.05)
    return Stage(alone, 32, count, training)


def _scenes(steps: int, count: int, most: int = 4) -> Stage:
    training = TrainingConfig(steps=steps, batch_size=32, learning_rate=1.5e-3, weight_decay=0.05)
    return Stage(SceneConfig(objects=(1, most)), 64, count, training)


@dataclass(frozen=True)
class SceneCaptioningConfig:
    """The two stages, the same for all systems, and what is measured.

    step_cost: of a step on objects in steps on scenes, by which those that skip the first stage
    train longer in the second. tested: scenes of each split that are described. beam: candidates of
    a search that is measured, too. systems: names of SYSTEMS.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    objects: Stage = field(default_factory=lambda: _objects(1_500, 30_000))
    scenes: Stage = field(default_factory=lambda: _scenes(3_600, 60_000))
    step_cost: float = 0.6
    tested: int = 1_000
    beam: int = 3
    width: int = 96
    systems: tuple[str, ...] = tuple(SYSTEMS)


TIERS = {
    "mini": SceneCaptioningConfig(
        objects=_objects(500, 10_000),
        scenes=_scenes(400, 12_000, most=2),
        tested=500,
        systems=("scenes only", BEST),
    ),
    "full": SceneCaptioningConfig(),
}

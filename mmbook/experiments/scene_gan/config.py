"""What is compared, and with which sizes and settings."""

from dataclasses import dataclass
from typing import Any, Literal

from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.models.captioning import Language
from mmbook.training import TrainingConfig


@dataclass(frozen=True)
class System:
    """How a network learns to draw.

    method: by a discriminator, or by flow matching. untrue: the weight of real pictures with
    untrue sentences, of which only a discriminator learns.
    """

    method: Literal["adversaries", "flow"]
    language: Language = "en"
    untrue: float = 1.0


ADVERSARIES, FLOW = "adversaries", "flow matching"
SYSTEMS = {
    ADVERSARIES: System("adversaries"),
    f"{ADVERSARIES}, without untrue sentences": System("adversaries", untrue=0.0),
    FLOW: System("flow"),
    f"{FLOW}, Chinese": System("flow", "zh"),
    f"{ADVERSARIES}, Chinese": System("adversaries", "zh"),
}
SHIPPED = {FLOW: "scene-drawing", f"{FLOW}, Chinese": "scene-drawing-zh"}  # and their folders


def _training(steps: int, rate: float, batch: int, **settings: Any) -> TrainingConfig:
    return TrainingConfig(steps=steps, batch_size=batch, learning_rate=rate, **settings)


@dataclass(frozen=True)
class SceneGanConfig:
    """What is drawn, by which network, and how it is taught.

    scenes, count: what is learned from, in pictures of `size` pixels. adversaries, flow: settings
    of both ways, so that they take about as long; judge: those of the captioner that measures.
    decay: of the averaged weights. width, channels, layers: see `FlowDecoder`. steps, guidance: of
    what flow matching taught. tested: scenes of each split. systems: names of SYSTEMS.
    """

    scenes: SceneConfig
    adversaries: TrainingConfig
    flow: TrainingConfig
    judge: TrainingConfig
    count: int = 30_000
    size: int = 32
    width: int = 96
    channels: int = 32
    layers: int = 2
    decay: float = 0.999
    steps: int = 10
    guidance: float = 1.5
    tested: int = 1_000
    seeds: tuple[int, ...] = (0, 1, 2)
    systems: tuple[str, ...] = (ADVERSARIES, FLOW)


def _adversaries(steps: int, **settings: Any) -> TrainingConfig:
    """As those of `digit-gan`: without decay, warm-up or a limit of gradients."""
    return _training(steps, 1e-3, 32, weight_decay=0.0, warmup=0.0, clip_norm=1e3, **settings)


# Of one object, of fewer kinds: so that a minute shows something.
_FEW = SceneConfig(
    shapes=("circle", "square", "triangle", "cross"),
    colours=("red", "yellow", "green", "blue"),
    radii=((0.19, 0.22), (0.3, 0.34)),
    objects=(1, 1),
)

TIERS = {
    "mini": SceneGanConfig(
        scenes=_FEW,
        adversaries=_adversaries(220),
        flow=_training(600, 2e-3, 32),
        judge=_training(700, 2e-3, 64, weight_decay=0.05),
        count=8_000,
        size=24,
        width=64,
        channels=24,
        decay=0.99,
        tested=200,
    ),
    "full": SceneGanConfig(
        scenes=SceneConfig(objects=(1, 2), radii=((0.14, 0.16), (0.21, 0.23))),
        adversaries=_adversaries(5_000, precision="bfloat16"),
        flow=_training(7_000, 2e-3, 64, precision="bfloat16"),
        judge=_training(1_400, 2e-3, 64, weight_decay=0.05, precision="bfloat16"),
        count=60_000,
        systems=(*SYSTEMS,)[:4],
    ),
}

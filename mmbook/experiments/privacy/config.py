"""The settings of the experiment on privacy."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.evaluation.attacks import InversionConfig
from mmbook.training.privacy import FederatedConfig, PrivateConfig


@dataclass(frozen=True)
class AccuracyConfig:
    """Private training of a linear layer, at each epsilon with the noise that it needs.

    pixels: its settings on pixels. oriented: on oriented gradients, which nobody has to learn.
    cell: of those, in pixels.
    """

    pixels: PrivateConfig
    oriented: PrivateConfig
    cell: int = 4


@dataclass(frozen=True)
class MembershipConfig:
    """Models that are trained on random halves of a pool each, and attacked in turn.

    pool: samples; a model has half of them. small: a smaller pool. steps: of training on the whole
    half, until it fits by heart. early: steps of the control, which stops before. private: settings
    of DP-SGD. rate: of accusing others, at which the share of members found is measured.
    """

    models: int = 25
    pool: int = 400
    hidden: int = 64
    steps: int = 300
    early: int = 40
    learning_rate: float = 3e-3
    private: PrivateConfig = field(
        default_factory=lambda: PrivateConfig(
            50, 100, 1.0, momentum=0.9, clip=0.5, cooldown=0.5, chunk=128
        )
    )
    epsilons: tuple[float, ...] = (1.0, 8.0, 50.0)
    rate: float = 0.01


@dataclass(frozen=True)
class FederationConfig:
    """Speakers who train together. folds: of speakers; one is held out, the seed says which.

    takes: of the mini tier, how often each synthetic voice says a word. many_epochs: of training at
    home between two averages, where averages are few.
    """

    training: FederatedConfig = field(default_factory=lambda: FederatedConfig(30, 1, 20, 0.1))
    folds: int = 4
    takes: int = 6
    frames: int = 12
    hidden: int = 64
    many_epochs: int = 10


@dataclass(frozen=True)
class InversionPart:
    """Pictures that are searched for in their gradients.

    pictures: how many for each defence. batches: pictures in one gradient. noises: standard
    deviations of noise, in lengths of the clipped gradient over all parameters.
    """

    search: InversionConfig = field(default_factory=lambda: InversionConfig(150, 0.1))
    pictures: int = 16
    batches: tuple[int, ...] = (1, 4, 16)
    noises: tuple[float, ...] = (0.1, 1.0)


@dataclass(frozen=True)
class PrivacyExperiment:
    """Which parts are run, on images and speakers that ship (mini) or on MNIST and FSDD (full)."""

    images: Literal["digits", "MNIST"]
    parts: tuple[str, ...]
    accuracy: AccuracyConfig
    membership: MembershipConfig = field(default_factory=MembershipConfig)
    federation: FederationConfig = field(default_factory=FederationConfig)
    inversion: InversionPart = field(default_factory=InversionPart)
    epsilons: tuple[float, ...] = (1.0, 3.0, 8.0)
    delta: float = 1e-5
    seeds: tuple[int, ...] = (0, 1, 2)


PRICE = ("linear on pixels", "linear on oriented gradients")
TIERS = {
    "mini": PrivacyExperiment(
        images="digits",
        parts=(*PRICE, "membership", "federation", "inversion"),
        accuracy=AccuracyConfig(
            pixels=PrivateConfig(100, 250, 100.0, clip=0.1, cooldown=0.5),
            oriented=PrivateConfig(100, 250, 60.0, clip=0.1, cooldown=0.5),
            cell=2,
        ),
    ),
    "full": PrivacyExperiment(
        images="MNIST",
        parts=(*PRICE, "federation"),
        accuracy=AccuracyConfig(
            pixels=PrivateConfig(300, 2048, 300.0, 0.9, clip=0.1, cooldown=0.5, chunk=128),
            oriented=PrivateConfig(300, 2048, 300.0, 0.9, clip=0.1, cooldown=0.5, chunk=128),
            cell=3,
        ),
        federation=FederationConfig(folds=3),
    ),
}

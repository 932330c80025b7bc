"""The settings of the experiment on explanations."""

from dataclasses import dataclass, field
from typing import Literal

from mmbook.training import TrainingConfig


@dataclass(frozen=True)
class ExplainabilityExperiment:
    """How many scenes and digits are explained, and the network whose senses are shared out.

    pictures: whose maps are tested. exact: of them, explained by integrated gradients within
    `tolerance`, in nats; the others by `steps` equal steps. scenes: whose cells are hidden, so many
    as in `counts`. digits: of which pairs are glued together. bank, train_size, test_size,
    training: of the network of three senses.
    """

    pictures: int = 8
    exact: int = 1
    tolerance: float = 1e-2
    steps: int = 64
    scenes: int = 60
    counts: tuple[int, ...] = (1, 2, 4, 8, 16)
    digits: int = 200
    bank: Literal["mini", "full"] = "mini"
    train_size: int = 5_000
    test_size: int = 500
    width: int = 48
    dropout: float = 0.4
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=250, batch_size=64, learning_rate=3e-3, weight_decay=0.1, warmup=0.1
        )
    )
    seeds: tuple[int, ...] = (0, 1, 2)


TIERS = {
    "mini": ExplainabilityExperiment(),
    "full": ExplainabilityExperiment(
        pictures=16,
        tolerance=1e-3,
        scenes=200,
        digits=1_000,
        bank="full",
        train_size=20_000,
        test_size=2_000,
        training=TrainingConfig(
            steps=500, batch_size=64, learning_rate=3e-3, weight_decay=0.1, warmup=0.1
        ),
    ),
}

"""What is compared, and with which sizes and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mmbook.models.inspection.inspector import SpeechInspectorConfig
from mmbook.models.inspection.objective import InspectionLoss
from mmbook.training import TrainingConfig

FULL, CAUSAL = "two streams, CNN and RNN", "causal"
INSPECTOR = SpeechInspectorConfig()
SYSTEMS: Mapping[str, SpeechInspectorConfig] = {
    FULL: INSPECTOR,
    "CNN alone": replace(INSPECTOR, layers=0),
    "RNN alone": replace(INSPECTOR, stages=(), statistics=()),
    "spectrogram alone": replace(INSPECTOR, streams=("spectrogram",)),
    "statistics alone": replace(INSPECTOR, streams=("statistics",)),
    "attention fusion": replace(INSPECTOR, fusion="attention"),
    "late fusion": replace(INSPECTOR, fusion="late"),
    CAUSAL: replace(INSPECTOR, causal=True),
}
SHIPPED = {FULL: "speech-quality", CAUSAL: "speech-quality-causal"}  # and names of folders


@dataclass(frozen=True)
class SpeechQualityConfig:
    """The recordings, and how long each system learns from them.

    train, validation, test: numbers of recordings of each split. known: of how many training
    recordings, one in so many, STOI and PESQ are measured, which takes longer than all else. loss:
    the weights of the questions. systems: names of SYSTEMS.
    """

    train: int
    validation: int
    test: int
    training: TrainingConfig
    known: int = 3
    loss: InspectionLoss = field(default_factory=InspectionLoss)
    seeds: tuple[int, ...] = (0, 1, 2)
    systems: tuple[str, ...] = tuple(SYSTEMS)


def _training(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch_size=32, learning_rate=3e-3, weight_decay=0.01, precision="bfloat16"
    )


TIERS = {
    "mini": SpeechQualityConfig(
        train=2_000,
        validation=300,
        test=400,
        training=_training(200),
        systems=(FULL, "CNN alone", "RNN alone"),
    ),
    "full": SpeechQualityConfig(
        train=20_000,
        validation=1_200,
        test=2_000,
        training=_training(3_000),
        known=1,
    ),
}

"""The one training loop, and what it stands on: optimisers, devices, processes, checkpoints."""

from mmbook.training.averaging import Averaged, averaging, estimating_statistics
from mmbook.training.config import TrainingConfig
from mmbook.training.grouped import Grouped
from mmbook.training.hardware.devices import mixed_precision, pick_device, pick_precision
from mmbook.training.hardware.distribution import is_main, rank, world_size
from mmbook.training.hooks import ExponentialMovingAverage, Hook
from mmbook.training.loop import fit
from mmbook.training.objectives import Objective, supervised
from mmbook.training.optimisers.gradient_descent import SGD, Adam, AdamW, RMSProp
from mmbook.training.optimisers.makers import adamw, muon, sgd
from mmbook.training.optimisers.muon import Muon, orthogonalise
from mmbook.training.randomness import batch_order, seed_everything
from mmbook.training.range_test import RangeTest, range_test
from mmbook.training.saving.checkpoints import (
    CheckpointError,
    load_checkpoint,
    load_weights,
    save_checkpoint,
    save_weights,
)
from mmbook.training.saving.history import History
from mmbook.training.saving.identity import describe
from mmbook.training.schedules import (
    LinearCooldown,
    Schedule,
    StepDecay,
    constant,
    cosine,
    learning_rate_at,
    linear,
)
from mmbook.training.stacked import StackedModels
from mmbook.training.streams import Generated, Shuffled, Stream
from mmbook.training.validation import Validation

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Averaged",
    "CheckpointError",
    "ExponentialMovingAverage",
    "Generated",
    "Grouped",
    "History",
    "Hook",
    "LinearCooldown",
    "Muon",
    "Objective",
    "RMSProp",
    "RangeTest",
    "Schedule",
    "Shuffled",
    "StackedModels",
    "StepDecay",
    "Stream",
    "TrainingConfig",
    "Validation",
    "adamw",
    "averaging",
    "batch_order",
    "constant",
    "cosine",
    "describe",
    "estimating_statistics",
    "fit",
    "is_main",
    "learning_rate_at",
    "linear",
    "load_checkpoint",
    "load_weights",
    "mixed_precision",
    "muon",
    "orthogonalise",
    "pick_device",
    "pick_precision",
    "range_test",
    "rank",
    "save_checkpoint",
    "save_weights",
    "seed_everything",
    "sgd",
    "supervised",
    "world_size",
]

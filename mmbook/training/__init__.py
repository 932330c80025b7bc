"""The one training loop, and what it stands on: optimisers, devices, processes, checkpoints."""

from mmbook.training.checkpoints import (
    CheckpointError,
    load_checkpoint,
    load_weights,
    save_checkpoint,
    save_weights,
)
from mmbook.training.config import TrainingConfig
from mmbook.training.devices import mixed_precision, pick_device, pick_precision
from mmbook.training.distribution import is_main, rank, world_size
from mmbook.training.history import History
from mmbook.training.loop import fit
from mmbook.training.optimisers import adamw, learning_rate_at
from mmbook.training.randomness import batch_order, seed_everything

__all__ = [
    "CheckpointError",
    "History",
    "TrainingConfig",
    "adamw",
    "batch_order",
    "fit",
    "is_main",
    "learning_rate_at",
    "load_checkpoint",
    "load_weights",
    "mixed_precision",
    "pick_device",
    "pick_precision",
    "rank",
    "save_checkpoint",
    "save_weights",
    "seed_everything",
    "world_size",
]

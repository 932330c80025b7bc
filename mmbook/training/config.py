"""What defines a training run."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass

import torch

PRECISIONS = ("auto", "float32", "bfloat16", "float16")


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of one run of `mmbook.training.fit`.

    `batch_size` is the global batch, shared out among the processes that torchrun starts, and in
    each process among `accumulate` micro-batches, whose gradients are added before a step.
    `warmup` is the fraction of `steps` in which the learning rate rises to `learning_rate`;
    it then falls to zero along a cosine. `clip_norm` is the longest gradient that is let through.
    `checkpoint_every` counts steps; 0 means only after the last one.

    Raises ValueError for a value out of its range.
    """

    steps: int = 1000
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.05
    clip_norm: float = 1.0
    seed: int = 0
    precision: str = "auto"
    device: str = "auto"
    checkpoint_every: int = 0
    accumulate: int = 1

    def __post_init__(self) -> None:
        least_of = {"steps": 1, "batch_size": 1, "accumulate": 1, "seed": 0, "checkpoint_every": 0}
        for name, least in least_of.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number from {least} up, not {value!r}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate must be positive, not {self.learning_rate!r}")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay must be zero or positive, not {self.weight_decay!r}")
        if not 0 <= self.warmup <= 1:
            raise ValueError(f"warmup must be a fraction from 0 to 1, not {self.warmup!r}")
        if not self.clip_norm > 0:
            raise ValueError(f"clip_norm must be positive, not {self.clip_norm!r}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {PRECISIONS}, not {self.precision!r}")
        if self.device != "auto":
            try:
                torch.device(self.device)
            except (RuntimeError, TypeError) as error:
                raise ValueError(
                    f"device must be 'auto', 'cpu', 'cuda' or 'cuda:0', not {self.device!r}"
                ) from error

    def digest(self) -> str:
        """The SHA-256 of what decides what is learned: not the device, nor how often to save."""
        settings = asdict(self)
        del settings["device"], settings["checkpoint_every"]
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()

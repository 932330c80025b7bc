"""Batches in groups of one class, for networks that compare the samples of a group."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.training.randomness import derived_seed


@dataclass(frozen=True, eq=False)
class Grouped:
    """A stream of batches of `groups` groups, each of `each` samples of one class, side by side.

    samples: with one target, the classes (n,). The class of a group is drawn at random, each as
    probable as any other, and its samples after it; all follows from the seed and the step. A
    process or micro-batch takes whole groups. Raises ValueError for numbers below 1, and samples
    that are none.
    """

    samples: Batch
    groups: int = 16
    each: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.groups < 1 or self.each < 1 or not len(self.samples):
            raise ValueError(
                f"groups, their size and the samples must be 1 or more, not {self.groups}, "
                f"{self.each} and {len(self.samples)}"
            )

    @cached_property
    def _classes(self) -> list[Tensor]:
        """The rows of each class that there is."""
        labels = self.samples.target
        return [(labels == label).nonzero().flatten() for label in labels.unique()]

    def batch(self, step: int, part: int = 0, parts: int = 1) -> Batch:
        """The groups of a part of a step's batch."""
        generator = Generator().manual_seed(derived_seed("grouped", self.seed, step))
        chosen = torch.randint(len(self._classes), (self.groups,), generator=generator)
        rows = [
            rows[torch.randint(len(rows), (self.each,), generator=generator)]
            for rows in (self._classes[number] for number in chosen.tolist())
        ]
        return self.samples[torch.stack(rows).tensor_split(parts)[part].flatten()]

    def fingerprint(self) -> str:
        """The samples', with what decides the groups."""
        return f"{self.samples.fingerprint()} {self.groups} {self.each} {self.seed}"

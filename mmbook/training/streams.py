"""Where the batches of a run come from: all that the training loop knows of data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator

from mmbook.batch import Batch, Source
from mmbook.training.randomness import batch_rows, derived_seed
from mmbook.training.saving.identity import describe


class Stream(Protocol):
    """A batch for each step, of which a process takes a part for each of its micro-batches.

    The parts of a step make up its whole batch, and differ by one sample at most. A step gives the
    same batch each time, in every process, so an interrupted run goes on with what it would have
    seen. The fingerprint is asked for only where a run is to be saved.
    """

    def batch(self, step: int, part: int = 0, parts: int = 1) -> Batch: ...

    def fingerprint(self) -> str: ...


@dataclass(frozen=True)
class Shuffled:
    """A data set epoch after epoch, each in an order drawn from (seed, epoch); see `batch_order`.

    size: samples of a step, those of all processes and micro-batches together.
    """

    source: Source
    size: int
    seed: int = 0

    def batch(self, step: int, part: int = 0, parts: int = 1) -> Batch:
        """The samples of a part of a step's batch."""
        rows = batch_rows(len(self.source), self.size, self.seed, step)
        return self.source[rows.tensor_split(parts)[part]]

    def fingerprint(self) -> str:
        """The data set's, with what decides the order."""
        return f"{self.source.fingerprint()} {self.size} {self.seed}"


@dataclass(frozen=True)
class Generated:
    """Samples made when they are needed, never the same ones again.

    make: (generator, count) -> Batch of `count` samples, drawn from the generator alone. size: as
    in `Shuffled`; a process makes the whole batch and takes its part of it.
    """

    make: Callable[[Generator, int], Batch]
    size: int
    seed: int = 0

    def batch(self, step: int, part: int = 0, parts: int = 1) -> Batch:
        """The samples of a part of a step's batch."""
        generator = Generator().manual_seed(derived_seed("generated", self.seed, step))
        rows = torch.arange(self.size).tensor_split(parts)[part]
        return self.make(generator, self.size)[rows]

    def fingerprint(self) -> str:
        """What the function does, with what it is given."""
        return f"{describe(self.make)} {self.size} {self.seed}"

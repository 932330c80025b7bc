"""Seeds, and the order in which samples are seen.

Every random choice of a step follows from the run's seed, the step and the process. So a run that
was interrupted goes on exactly as it would have, and no generator's state need be kept.
"""

import hashlib
import itertools
import random
from collections.abc import Iterator
from functools import lru_cache

import numpy
import torch
from torch import Tensor


def seed_everything(seed: int) -> None:
    """Seeds the global generators of Python, NumPy and PyTorch (CPU and GPU).

    Raises ValueError for a seed outside 0 ... 2**32 - 1, the range that NumPy takes.
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be a whole number from 0 to 2**32 - 1, not {seed!r}")
    random.seed(seed)
    numpy.random.seed(seed)
    # The same as torch.manual_seed, which is too slow on a CPU to be called in every step.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed)


def derived_seed(*parts: int | str) -> int:
    """A seed (32 bits) of its own for each combination of parts."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:4], "big")


@lru_cache(maxsize=2)  # an epoch and the next one, of one run
def _epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    generator = torch.Generator().manual_seed(derived_seed("order", seed, epoch))
    return torch.randperm(count, generator=generator)


def batch_rows(count: int, size: int, seed: int, step: int) -> Tensor:
    """The indices (size,) of a step's batch; see `batch_order`."""
    seen, end, parts = step * size, (step + 1) * size, []
    while seen < end:
        epoch, start = divmod(seen, count)
        parts.append(_epoch_order(count, seed, epoch)[start : start + end - seen])
        seen += len(parts[-1])
    return torch.cat(parts)


def batch_order(count: int, size: int, seed: int, start: int = 0) -> Iterator[Tensor]:
    """Yields without end the indices (size,) of each step's batch, from step `start` on.

    Epoch after epoch, each a permutation of `count` samples drawn from (seed, epoch), is cut into
    batches. So every sample is seen once an epoch, and a batch may reach into the next epoch.
    """
    return (batch_rows(count, size, seed, step) for step in itertools.count(start))

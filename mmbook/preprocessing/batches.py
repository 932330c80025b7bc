"""Sentences and clips differ in length: batches in which little is padding."""

from collections.abc import Iterable, Sequence

import torch

from mmbook.preprocessing.text.characters import checked_ids


def length_buckets(
    lengths: Sequence[int], size: int, generator: torch.Generator | None = None
) -> list[list[int]]:
    """Batches of at most `size` rows of similar length, so that little of a batch is padding.

    Every row occurs once, in its batch behind the shorter ones. With a generator, rows of one
    length are mixed, and so is the order of the batches; without, it is that of the lengths.
    lengths: of the rows, not the rows themselves. Raises ValueError where size is below 1, and
    TextError (a ValueError) where a length is no whole number from 0 up.
    """
    lengths = list(checked_ids(lengths, 2**63, "lengths"))
    if size < 1:
        raise ValueError(f"a bucket holds at least one row, not {size}")
    rows = range(len(lengths))
    if generator is not None:
        rows = torch.randperm(len(lengths), generator=generator).tolist()
    order = sorted(rows, key=lengths.__getitem__)  # a stable sort keeps ties mixed
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    if generator is None:
        return batches
    return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


def padding_share(lengths: Sequence[int], batches: Iterable[Sequence[int]]) -> float:
    """How much of all rectangles would be padding, from 0 to 1.

    Raises TextError where a length is no whole number from 0 up.
    """
    lengths = list(checked_ids(lengths, 2**63, "lengths"))
    batches = [[lengths[index] for index in batch] for batch in batches]
    area = sum(len(batch) * max(batch, default=0) for batch in batches)
    return 1 - sum(map(sum, batches)) / area if area else 0.0

"""A data set in memory: named inputs and targets, indexed together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs by modality and their targets, as tensors that share their first dimension.

    inputs:  {modality: (n, ...)}.
    targets: (n, ...).
    Raises ValueError where the numbers of samples differ.
    """

    inputs: dict[str, Tensor]
    targets: Tensor

    def __post_init__(self) -> None:
        for name, values in self.inputs.items():
            if len(values) != len(self.targets):
                raise ValueError(
                    f"{len(values)} samples of {name!r} but {len(self.targets)} targets"
                )

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The samples of all parts, one after another; each part must have the same modalities."""
        names = {tuple(sorted(part.inputs)) for part in parts}
        if len(names) != 1:
            raise ValueError(f"parts must have the same modalities, got {sorted(names)}")
        inputs = {
            name: torch.cat([part.inputs[name] for part in parts]) for name in parts[0].inputs
        }
        return cls(inputs, torch.cat([part.targets for part in parts]))

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: slice | Tensor) -> Self:
        inputs = {name: values[index] for name, values in self.inputs.items()}
        return type(self)(inputs, self.targets[index])

    def to(self, device: torch.device | str) -> Self:
        """The same samples on another device."""
        inputs = {name: values.to(device) for name, values in self.inputs.items()}
        return type(self)(inputs, self.targets.to(device))

    def only(self, *modalities: str) -> Self:
        """The same samples with these modalities alone."""
        missing = set(modalities) - set(self.inputs)
        if missing:
            raise ValueError(f"no modality {sorted(missing)}; there are {sorted(self.inputs)}")
        return type(self)({name: self.inputs[name] for name in modalities}, self.targets)

    def without(self, *modalities: str) -> Self:
        """The same samples with these modalities left out."""
        return self.only(*(name for name in self.inputs if name not in modalities))

    def batches(self, size: int) -> Iterator[Self]:
        """Consecutive batches of `size` samples; the last one may be smaller."""
        for start in range(0, len(self), size):
            yield self[slice(start, start + size)]

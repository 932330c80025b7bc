"""What data is: sequences of uneven length, and named inputs and targets, indexed together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence


@dataclass(frozen=True, eq=False)
class Padded:
    """Sequences of uneven length as one rectangle.

    values: (n, longest, ...). lengths: (n,) int64, how many values of each row are real; what
    follows them may hold anything. Raises ValueError where the two do not fit.
    """

    values: Tensor
    lengths: Tensor

    def __post_init__(self) -> None:
        if self.values.ndim < 2 or self.lengths.shape != self.values.shape[:1]:
            raise ValueError(
                f"values (n, longest, ...) need lengths (n,), got {tuple(self.values.shape)} and "
                f"{tuple(self.lengths.shape)}"
            )
        if self.lengths.dtype != torch.int64:
            raise ValueError(f"lengths must be int64, not {self.lengths.dtype}")

    @classmethod
    def of(cls, rows: Sequence[Tensor], fill: float = 0) -> Self:
        """Rows (length, ...) of one type, filled up behind their end."""
        if not rows:
            raise ValueError("there are no rows: a rectangle needs one at least")
        values = pad_sequence(list(rows), batch_first=True, padding_value=fill)
        return cls(values, torch.tensor([len(row) for row in rows], device=values.device))

    @property
    def mask(self) -> Tensor:
        """(n, longest), true where a value is real."""
        places = torch.arange(self.values.shape[1], device=self.lengths.device)
        return places < self.lengths[:, None]

    def filled(self, fill: float = 0) -> Tensor:
        """The values, `fill` behind each row's end, where NaN would spoil a weight's gradient."""
        mask = self.mask
        return self.values.masked_fill(~mask.view(*mask.shape, *[1] * (self.values.ndim - 2)), fill)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: slice | Tensor) -> Self:
        """Some rows, cut to the longest of them."""
        lengths = self.lengths[rows]
        longest = int(lengths.max()) if len(lengths) else 0
        return type(self)(self.values[rows][:, :longest], lengths)

    def to(self, device: torch.device | str) -> Self:
        """The same sequences on another device."""
        return type(self)(self.values.to(device), self.lengths.to(device))


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs by modality and their targets, as tensors that share their first dimension.

    inputs:  {modality: (n, ...)}, a tensor or Padded.
    targets: (n, ...).
    Raises ValueError where the numbers of samples differ.
    """

    inputs: dict[str, Any]
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

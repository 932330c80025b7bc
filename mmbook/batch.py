"""What data is: sequences of uneven length, and named inputs and targets, indexed together."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from mmbook.rows import Rows, picked_rows


def moved(values: Tensor, device: torch.device | str) -> Tensor:
    """The values on a device; on their way to a GPU, nothing waits for them."""
    device = torch.device(device)
    if device.type == "cuda" and values.device.type == "cpu":
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)


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
        # Elsewhere looking would make the CPU wait for a GPU, or cut a compiled graph in two.
        can_look = self.lengths.device.type == "cpu" and not torch.compiler.is_compiling()
        longest = self.values.shape[1]
        if can_look and not ((self.lengths >= 0) & (self.lengths <= longest)).all():
            raise ValueError(f"lengths must be from 0 to {longest}, not {self.lengths.tolist()}")

    @classmethod
    def of(cls, rows: Sequence[Tensor], fill: float = 0) -> Self:
        """Rows (length, ...) of one type, filled up behind their end.

        Raises ValueError without rows, where types differ, or where `fill` is none of their type.
        """
        if not rows:
            raise ValueError("there are no rows: a rectangle needs one at least")
        types = {row.dtype for row in rows}
        if len(types) > 1:
            raise ValueError(f"rows must be of one type, not of {sorted(map(str, types))}")
        _check_fill(fill, rows[0].dtype)
        values = pad_sequence(list(rows), batch_first=True, padding_value=fill)
        return cls(values, torch.tensor([len(row) for row in rows], device=values.device))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The sequences of all parts, one after another, as wide as the widest part."""
        longest = max(part.values.shape[1] for part in parts)
        grown = []
        for part in parts:
            n, length, *rest = part.values.shape
            grown.append(
                torch.cat([part.values, part.values.new_zeros(n, longest - length, *rest)], 1)
            )
        return cls(torch.cat(grown), torch.cat([part.lengths for part in parts]))

    @property
    def mask(self) -> Tensor:
        """(n, longest), true where a value is real."""
        places = torch.arange(self.values.shape[1], device=self.lengths.device)
        return places < self.lengths[:, None]

    def filled(self, fill: float = 0) -> Tensor:
        """The values, `fill` behind each row's end, where NaN would spoil a weight's gradient."""
        _check_fill(fill, self.values.dtype)
        mask = self.mask
        return self.values.masked_fill(~mask.view(*mask.shape, *[1] * (self.values.ndim - 2)), fill)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: Rows) -> Self:
        """Some rows, cut to the longest of them; raises IndexError as `row_numbers` does."""
        rows = picked_rows(rows, len(self))
        lengths = self.lengths[rows]
        # One column at least, so that networks can read a batch of nothing but empty sequences.
        longest = max(1, int(lengths.max())) if len(lengths) else 0
        return type(self)(self.values[rows][:, :longest], lengths)

    def to(self, device: torch.device | str) -> Self:
        """The same sequences on another device."""
        return type(self)(moved(self.values, device), moved(self.lengths, device))


def _check_fill(fill: float, dtype: torch.dtype) -> None:
    if dtype == torch.bool or dtype.is_floating_point or dtype.is_complex:
        return
    limits = torch.iinfo(dtype)
    if fill % 1 or not limits.min <= fill <= limits.max:
        raise ValueError(f"{dtype} cannot hold the fill {fill}")


Values = Mapping[str, Any]  # Tensor or Padded: who asks for a name knows which


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples: inputs and targets by name, which share their first dimension.

    inputs:  {modality: (n, ...)}. targets: {name: (n, ...)}; one that is alone is called "label".
    present: {modality: (n,) boolean}, for the inputs that some samples lack: where it is false, the
             input may hold anything. Inputs that it does not name are complete.
    A batch that holds a whole data set is a `Source` in memory.
    Raises ValueError where numbers of samples differ, and for a `present` that fits no input.
    """

    inputs: Values
    targets: Values = field(default_factory=dict)
    present: Mapping[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = {}
        for part in ("inputs", "targets", "present"):
            values = getattr(self, part)
            if not isinstance(values, Mapping):
                raise ValueError(
                    f"{part} must be a mapping from names, not a {type(values).__name__}"
                )
            for name, x in values.items():
                if isinstance(x, Tensor) and not x.ndim:
                    raise ValueError(f"{part} {name!r} must be (n, ...), not a single number")
                sizes[f"{part} {name!r}"] = len(x)
        if len(set(sizes.values())) != 1:
            counts = ", ".join(f"{name} of {size}" for name, size in sizes.items())
            raise ValueError(f"a batch needs one number of samples, not {counts or 'none'}")
        for name, rows in self.present.items():
            if name not in self.inputs or rows.dtype != torch.bool or rows.ndim != 1:
                raise ValueError(
                    f"present {name!r} must be boolean (n,) for one of the inputs "
                    f"{sorted(self.inputs)}, not {tuple(rows.shape)} {rows.dtype}"
                )

    @property
    def target(self) -> Any:
        """The values of the only target; raises ValueError where there is not just one."""
        if len(self.targets) != 1:
            raise ValueError(f"there is not one target but {sorted(self.targets)}: name it")
        return next(iter(self.targets.values()))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The samples of all parts, one after another; each must have the same names."""
        names = {(tuple(sorted(part.inputs)), tuple(sorted(part.targets))) for part in parts}
        if len(names) != 1:
            raise ValueError(
                f"parts must have the same modalities and targets, got {sorted(names)}"
            )
        first = parts[0]
        present = {name for part in parts for name in part.present}
        return cls(
            {name: _joined([part.inputs[name] for part in parts]) for name in first.inputs},
            {name: _joined([part.targets[name] for part in parts]) for name in first.targets},
            {name: torch.cat([part.presence(name) for part in parts]) for name in sorted(present)},
        )

    def presence(self, modality: str) -> Tensor:
        """(n,) boolean: which samples have this input."""
        given = self.present.get(modality)
        return torch.ones(len(self), dtype=torch.bool) if given is None else given

    def __len__(self) -> int:
        return len(next(iter((self.inputs or self.targets).values())))

    def __getitem__(self, rows: Rows) -> Self:
        """Some samples; raises IndexError as `row_numbers` does."""
        rows = picked_rows(rows, len(self))
        return self._map(lambda x: x[rows])

    def to(self, device: torch.device | str) -> Self:
        """The same samples on another device."""
        return self._map(lambda x: x.to(device) if isinstance(x, Padded) else moved(x, device))

    def _map(self, change: Callable[[Any], Any]) -> Self:
        parts = (self.inputs, self.targets, self.present)
        return type(self)(*({name: change(x) for name, x in part.items()} for part in parts))

    def only(self, *modalities: str) -> Self:
        """The same samples with these modalities alone."""
        missing = set(modalities) - set(self.inputs)
        if missing:
            raise ValueError(f"no modality {sorted(missing)}; there are {sorted(self.inputs)}")
        present = {name: rows for name, rows in self.present.items() if name in modalities}
        return type(self)({name: self.inputs[name] for name in modalities}, self.targets, present)

    def without(self, *modalities: str) -> Self:
        """The same samples with these modalities left out."""
        return self.only(*(name for name in self.inputs if name not in modalities))

    def batches(self, size: int) -> "Iterator[Batch]":
        """Consecutive batches of `size` samples; the last one may be smaller."""
        return batches(self, size)

    def fingerprint(self) -> str:
        """The SHA-256 of all that the batch holds."""
        sha = hashlib.sha256()
        for part in ("inputs", "targets", "present"):
            for name, x in sorted(getattr(self, part).items()):
                for values in (x.values, x.lengths) if isinstance(x, Padded) else (x,):
                    sha.update(f"{part} {name} {tuple(values.shape)} {values.dtype}\n".encode())
                    flat = values.detach().cpu().contiguous().flatten()
                    sha.update(flat.view(torch.uint8).numpy().data)
        return sha.hexdigest()


class Source(Protocol):
    """A finite data set: in memory (`Batch`), mapped into memory, or in files.

    The fingerprint is asked for only where a run is to be saved. It must change with the data;
    names, sizes and dates of files are enough.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Tensor, /) -> Batch:
        """The samples of some rows: whole numbers (k,) in any order."""
        ...

    def fingerprint(self) -> str: ...


def batches(source: Source, size: int) -> Iterator[Batch]:
    """Consecutive batches of `size` samples of a data set; the last one may be smaller.

    Raises ValueError for a size below 1.
    """
    if size < 1:
        raise ValueError(f"a batch needs a size of 1 or more, not {size}")
    rows = torch.arange(len(source))
    return (source[part] for part in rows.split(size) if len(part))


def outputs_of(model: Callable[..., Any], batch: Batch) -> Any:
    """What a model makes of a batch; it is told what is present only where something is not."""
    if batch.present:
        return model(batch.inputs, present=batch.present)
    return model(batch.inputs)


def _joined(parts: Sequence[Any]) -> Any:
    return Padded.joined(parts) if isinstance(parts[0], Padded) else torch.cat(list(parts))

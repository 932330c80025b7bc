"""The common currency of the book: a batch of sequences of vectors."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Tokens:
    """A batch of sequences of vectors, with a mask that says which vectors are real.

    values: (batch, length, width), floating point.
    mask:   (batch, length), boolean, true where a token is real, false where it is padding.
    A sequence with no real token stands for a modality that is absent.
    Raises ValueError where the two do not fit. Chapter `general-model`, "Tokens".
    """

    values: Tensor
    mask: Tensor

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or not self.values.is_floating_point():
            raise ValueError(
                "values must be floating point of shape (batch, length, width), not "
                f"{self.values.dtype} of shape {tuple(self.values.shape)}"
            )
        if self.mask.shape != self.values.shape[:2] or self.mask.dtype != torch.bool:
            raise ValueError(
                f"mask must be boolean of shape {tuple(self.values.shape[:2])}, not "
                f"{self.mask.dtype} of shape {tuple(self.mask.shape)}"
            )

    @classmethod
    def of(cls, values: Tensor) -> Self:
        """Tokens that are all real; values: (batch, length, width)."""
        return cls(values, values.new_ones(values.shape[:2], dtype=torch.bool))

    @classmethod
    def absent(cls, batch: int, width: int, like: Tensor) -> Self:
        """One token a sequence, and not a real one, on the device and of the type of `like`."""
        mask = torch.zeros(batch, 1, dtype=torch.bool, device=like.device)
        return cls(like.new_zeros(batch, 1, width), mask)

    @property
    def width(self) -> int:
        return self.values.shape[-1]

    def present(self) -> Tensor:
        """(batch,) boolean: does the sequence hold at least one real token?"""
        return self.mask.any(dim=1)

    def masked(self, rows: Tensor) -> Self:
        """The same tokens, none of them real where `rows`, (batch,) boolean, is false."""
        return type(self)(self.values, self.mask & rows.unsqueeze(1))

    def mean(self) -> Tensor:
        """(batch, width): the mean over real tokens, zero where none is real."""
        real = self.mask.unsqueeze(-1)  # (batch, length, 1)
        # masked_fill, not multiplication: padding may hold anything, and NaN * 0 is NaN.
        total = self.values.masked_fill(~real, 0).sum(dim=1)  # (batch, width)
        return total / real.sum(dim=1).clamp(min=1)

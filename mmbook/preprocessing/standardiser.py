"""Zero mean and unit spread, with statistics that are learned once, from training data only."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from mmbook.preprocessing.ranges import check_floating, check_mask


@dataclass(frozen=True, eq=False)
class Standardiser:
    """Subtracts a mean and divides by a standard deviation, for each channel, band or feature.

    mean, std: of a shape that fits the data when it is stretched, such as (1, channels, 1, 1) for
    images (n, channels, rows, columns) or (1, 1, mels) for spectrograms (n, frames, mels).
    """

    mean: Tensor
    std: Tensor

    @classmethod
    def fit(cls, values: Tensor, axis: int, mask: Tensor | None = None) -> Self:
        """Measure mean and standard deviation over every axis but `axis`, which keeps its own.

        Fit on the training split alone: statistics of other data leak them into the model.
        values: (..., along `axis`, ...), floating point. mask: true where a value is real, of the
        shape of the first axes of `values`, as (n, frames) for (n, frames, mels).
        A feature that never changes gets the deviation 1, so that it becomes 0 and not NaN.
        Raises ValueError where there is no value, or one is NaN or infinite.
        """
        check_floating(values, "values")
        if mask is not None:
            check_mask(mask, tuple(values.shape[: mask.ndim]))
            if axis % values.ndim < mask.ndim:
                raise ValueError("the mask must not reach to the axis that keeps its statistics")
            kept, axis_kept = values[mask], axis % values.ndim - mask.ndim + 1
        else:
            kept, axis_kept = values, axis % values.ndim
        rows = kept.movedim(axis_kept, -1).reshape(-1, kept.shape[axis_kept])  # (values, features)
        if not rows.numel() or not torch.isfinite(rows).all():
            raise ValueError("statistics need at least one value, and no NaN or infinite one")
        shape = [1] * values.ndim
        shape[axis] = values.shape[axis]
        std, mean = torch.std_mean(rows, dim=0, correction=0)
        # What rounding leaves of a constant: less in float64, which holds smaller differences.
        finer = min(1.0, torch.finfo(rows.dtype).eps / torch.finfo(torch.float32).eps)
        constant = std <= 1e-6 * finer * rows.abs().amax(dim=0)
        return cls(mean.reshape(shape), torch.where(constant, 1.0, std).reshape(shape))

    def __call__(self, values: Tensor) -> Tensor:
        """The values as standard deviations above the mean; floating point, the same shape."""
        check_floating(values, "values")
        return (values - self.mean.to(values)) / self.std.to(values)

    def undo(self, standardised: Tensor) -> Tensor:
        """The values that were standardised, for display."""
        check_floating(standardised, "standardised values")
        return standardised * self.std.to(standardised) + self.mean.to(standardised)

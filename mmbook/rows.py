"""Which rows are meant: numbers, a mask or a slice, checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Rows = slice | Sequence[int] | Sequence[bool] | Tensor | NDArray[Any]


def row_numbers(rows: Rows, count: int) -> Tensor:
    """Which of `count` rows are meant, (n,) int64 on the device of `rows`.

    rows: a slice; whole numbers of any type, negative ones counted from the end; or a mask of
    `count` bools. Raises IndexError where it is something else or reaches beyond the rows; of a
    tensor on an accelerator only PyTorch sees that, when it indexes.
    """
    if isinstance(rows, slice):
        return torch.tensor(range(count)[rows], dtype=torch.int64)
    if isinstance(rows, Sequence) and len({isinstance(row, bool | np.bool_) for row in rows}) > 1:
        raise IndexError("rows are numbers or a mask of bools, not a mixture of both")
    try:
        chosen = torch.as_tensor(rows)
    except (TypeError, ValueError, RuntimeError) as error:
        raise IndexError(f"{type(rows).__name__} cannot choose rows: {error}") from error
    if chosen.ndim != 1:
        raise IndexError(f"rows must be (n,), not {tuple(chosen.shape)}; [3] chooses one row")
    if chosen.dtype == torch.bool:
        if len(chosen) != count:
            raise IndexError(f"a mask of {len(chosen)} bools cannot choose among {count} rows")
        return chosen.nonzero()[:, 0]
    if len(chosen) and (chosen.is_floating_point() or chosen.is_complex()):
        raise IndexError(f"rows must be whole numbers or bools, not {chosen.dtype}")
    numbers = chosen.to(torch.int64)
    outside = (numbers < -count) | (numbers >= count) if numbers.device.type == "cpu" else None
    if outside is not None and outside.any():
        raise IndexError(f"there is no row {int(numbers[outside][0])} among {count}")
    return numbers


def picked_rows(rows: Rows, count: int) -> slice | Tensor:
    """What indexes a tensor of `count` rows: a slice as it is, which gives a view; else numbers.

    Raises IndexError as `row_numbers` does.
    """
    if isinstance(rows, slice) and (rows.step or 1) > 0:
        return rows
    return row_numbers(rows, count)

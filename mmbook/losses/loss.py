"""A loss as a sum and a count, so that means are right over uneven parts."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Loss:
    """A sum over `count` things: samples, tokens, pixels.

    total: scalar, with its gradient. count: how many things it is a sum over. The mean of several
    parts, of micro-batches or of processes, is the sum of their totals over the sum of their
    counts; the mean of their means is another number where the counts differ.
    """

    total: Tensor
    count: Tensor | int

    def mean(self) -> Tensor:
        """The total by the count."""
        return self.total / self.count

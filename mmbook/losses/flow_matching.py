"""Flow matching: the velocity at which noise becomes data, learned from straight lines."""

from collections.abc import Callable

from torch import Tensor

from mmbook.losses.loss import Loss
from mmbook.losses.squared_error import squared_error

Velocity = Callable[[Tensor, Tensor], Tensor]  # (x, time) to what moves x, of its shape


def rowwise(time: Tensor, x: Tensor) -> Tensor:
    """Times (n,), shaped so that they multiply x (n, ...). Raises ValueError for another shape."""
    if time.shape != x.shape[:1]:
        raise ValueError(f"times must be {tuple(x.shape[:1])}, one a row, not {tuple(time.shape)}")
    return time.view(-1, *[1] * (x.ndim - 1))


def between(noise: Tensor, data: Tensor, time: Tensor) -> Tensor:
    """x_t = (1 - t) x₀ + t x₁: noise at time 0, data at time 1, both (n, ...); time: (n,).

    Raises ValueError for different shapes.
    """
    if noise.shape != data.shape:
        raise ValueError(
            f"noise and data must be of one shape, not {tuple(noise.shape)} and {tuple(data.shape)}"
        )
    t = rowwise(time, data)
    return (1 - t) * noise + t * data


def flow_matching(velocity: Velocity, noise: Tensor, data: Tensor, time: Tensor) -> Loss:
    """(v(x_t, t) - (x₁ - x₀))², summed over all numbers of data (n, ...).

    Where many lines cross, the best answer is the mean of their directions, and following it from
    new noise gives new data of the same distribution. Raises ValueError for shapes that do not fit.
    Sources: Lipman et al. (2023); Liu et al. (2023).
    """
    return squared_error(velocity(between(noise, data, time), time), data - noise)

"""Positions: what tells attention, to which all orders are the same, where a token stands."""

import torch
from torch import Tensor, nn

LONGEST = 10_000.0  # the slowest angle turns by about 1 radian in this many positions


def frequencies(width: int, device: torch.device | None = None) -> Tensor:
    """(width / 2,), float64: radians a position, from 1 in equal ratios towards 1 / 10,000.

    Raises ValueError on an odd width. Source: Vaswani et al. 2017, section 3.5.
    """
    if width % 2:
        raise ValueError(f"the width must be even, one sine and cosine a frequency, not {width}")
    steps = torch.arange(0, width, 2, dtype=torch.float64, device=device)
    return LONGEST ** (-steps / max(width, 1))


def angles(positions: Tensor, width: int) -> Tensor:
    """(..., length, width / 2), float64: the angle of each of (..., length) positions."""
    return positions.double().unsqueeze(-1) * frequencies(width, positions.device)


def sinusoids(length: int, width: int, device: torch.device | None = None) -> Tensor:
    """(length, width), float32: sines of each position's angles in even columns, cosines in odd.

    Raises ValueError on an odd width. Source: Vaswani et al. 2017, section 3.5.
    """
    turn = angles(torch.arange(length, device=device), width)
    return torch.stack((turn.sin(), turn.cos()), dim=-1).flatten(1).float()


def apply_rotary_embedding(x: Tensor, positions: Tensor | None = None) -> Tensor:
    """Turn column i and column i + width/2 of each token, as a point, by position times frequency.

    x: (..., length, width); returns the same shape and type. positions: of each token, of a shape
    that fits (..., length); 0, 1, 2, ... where they are not given.
    The dot product of two rotated vectors depends on how far one stands behind the other alone.
    Raises ValueError on an odd width. Source: Su et al. 2024.
    """
    if positions is None:
        positions = torch.arange(x.shape[-2], device=x.device)
    turn = angles(positions, x.shape[-1])  # (..., length, width / 2)
    cosine, sine = turn.cos().to(x.dtype), turn.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)  # (..., length, width / 2)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), dim=-1)


class SinusoidalPositions(nn.Module):
    """Adds to each token the sinusoids of its position: no weights, and no longest sequence.

    (batch, length, width) to the same shape. Raises ValueError on an odd width.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x + sinusoids(x.shape[-2], x.shape[-1], x.device).to(x.dtype)


class LearnedPositions(nn.Module):
    """Adds to each token a learned vector of its position, of which there are `longest`.

    (batch, length, width) to the same shape. Raises ValueError on a longer sequence.
    Source: Gehring et al. 2017.
    """

    def __init__(self, longest: int, width: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(longest, width) * 0.02)

    def forward(self, x: Tensor) -> Tensor:
        longest, length = len(self.vectors), x.shape[-2]
        if length > longest:
            raise ValueError(f"positions were learned up to a length of {longest}, not {length}")
        return x + self.vectors[:length]

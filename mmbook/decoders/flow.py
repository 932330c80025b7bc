"""A decoder that draws in many small steps: tokens say where noise is to flow."""

import math
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from mmbook.decoders.generator import FiLM
from mmbook.layers.transformer import TransformerStack
from mmbook.losses.flow_matching import Velocity, rowwise
from mmbook.tokens import Tokens

LEAST = 0.05  # of the time that is left, by which a velocity is divided


def velocity_to(end: Tensor, x: Tensor, time: Tensor) -> Tensor:
    """What brings x (n, ...) at times (n,) in a straight line to its end: (end - x) / (1 - t)."""
    return (end - x) / rowwise((1 - time).clamp(min=LEAST), x)


def guided(told: Velocity, untold: Velocity, scale: float) -> Velocity:
    """Classifier-free guidance: untold + scale · (told - untold).

    told: what a condition asks for; untold: what is asked for without one. With a scale of 1 it is
    `told` itself, and nothing else is computed. Source: Ho and Salimans (2021).
    """
    if scale == 1:
        return told

    def velocity(x: Tensor, time: Tensor) -> Tensor:
        usual = untold(x, time)
        return usual + scale * (told(x, time) - usual)

    return velocity


def integrate(
    velocity: Velocity, noise: Tensor, steps: int, method: Literal["euler", "heun"] = "euler"
) -> Tensor:
    """Follows a velocity from noise (n, ...) at time 0 to time 1, in steps of one length.

    euler: each step goes straight ahead; the error falls with the length of a step. heun: each goes
    the mean of the velocities at its two ends, which asks twice; it falls with its square.
    Raises ValueError for no step or another method.
    """
    if steps < 1 or method not in ("euler", "heun"):
        raise ValueError(
            f"a way needs 1 step or more by 'euler' or 'heun', not {steps} by {method!r}"
        )
    x, times = noise, torch.linspace(0, 1, steps + 1, device=noise.device)
    for now, then in pairwise(times):
        start, length = now.expand(len(x)), then - now
        v = velocity(x, start)
        if method == "heun":
            v = (v + velocity(x + length * v, then.expand(len(x)))) / 2
        x = x + length * v
    return x


class ConvolutionBlock(nn.Module):
    """Adds to maps what two convolutions find; in between, a vector turns channels up and down.

    maps: (batch, channels, height, width); condition: (batch, width); the shape of maps stays. At
    the start it adds nothing.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.GroupNorm(8, channels) for _ in range(2))
        self.convolution1, self.convolution2 = (
            nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)
        )
        self.film = FiLM(width, channels)
        nn.init.zeros_(self.convolution2.weight)

    def forward(self, maps: Tensor, condition: Tensor) -> Tensor:
        change = self.convolution1(F.silu(self.norm1(maps)))
        return maps + self.convolution2(F.silu(self.film(self.norm2(change), condition)))


class FlowDecoder(nn.Module):
    """What a noisy picture will be at the end, told by tokens: a small U-Net.

    tokens: (batch, length, width), of which a row may have none that is real; x: (batch, 3, size,
    size); time: (batch,) in [0, 1]; returns the shape of x. On the way down four pixels become the
    channels of one place, a convolution block follows, and a convolution makes cells of a quarter
    of the size. There cells look at each other and at the tokens, in a transformer of `layers`.
    The way up mirrors the way down, whose maps are added. Raises ValueError on sizes that 4 or 8
    do not divide, and for other shapes. Sources: Ronneberger et al. (2015); Li and He (2025) for
    drawing the end in place of the velocity.
    """

    def __init__(
        self, width: int, size: int = 32, channels: int = 32, layers: int = 2, heads: int = 2
    ) -> None:
        super().__init__()
        if size < 4 or size % 4 or width % 4 or channels % 8:
            raise ValueError(
                f"size and width must be multiples of 4, and channels of 8, not {size}, {width} "
                f"and {channels}"
            )
        self.size, side = size, size // 4
        self.condition = nn.Sequential(nn.Linear(2 * width, width), nn.SiLU())
        self.enter = nn.Conv2d(12, channels, 3, padding=1)
        self.down_block = ConvolutionBlock(channels, width)
        self.down = nn.Conv2d(channels, width, 4, stride=2, padding=1)
        self.positions = nn.Parameter(grid_waves(side, width))
        self.cells = TransformerStack(width, heads, layers, 2 * width, cross=True)
        self.up = nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1)
        self.up_blocks = nn.ModuleList(ConvolutionBlock(channels, width) for _ in range(2))
        self.leave = nn.Sequential(
            nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, 12, 3, padding=1)
        )

    def forward(self, tokens: Tokens, x: Tensor, time: Tensor) -> Tensor:
        self._check(tokens, x, time)
        told = torch.cat([tokens.mean(), waves(time, tokens.width)], dim=1)
        condition = self.condition(told)  # (batch, width)
        maps = F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)
        wide = self.down_block(self.enter(maps), condition)  # (batch, channels, size/2, size/2)
        cells = self.down(wide).flatten(2).transpose(1, 2)  # (batch, cells, width)
        cells = cells + self.positions + condition.unsqueeze(1)
        # Of so few cells; the fused kernel's gradient takes half of a step on a CPU in bfloat16.
        with sdpa_kernel(SDPBackend.MATH):
            found = self.cells(Tokens.of(cells), tokens).values
        maps = self.up(found.transpose(1, 2).unflatten(2, (self.size // 4, -1))) + wide
        for block in self.up_blocks:
            maps = block(maps, condition)
        return F.pixel_shuffle(self.leave(maps), 2)

    def _check(self, tokens: Tokens, x: Tensor, time: Tensor) -> None:
        batch = len(tokens.values)
        if x.shape != (batch, 3, self.size, self.size) or time.shape != (batch,):
            raise ValueError(
                f"{batch} rows of tokens need x {(batch, 3, self.size, self.size)} and times "
                f"{(batch,)}, not {tuple(x.shape)} and {tuple(time.shape)}"
            )


def waves(values: Tensor, width: int, fastest: float = 100.0) -> Tensor:
    """Sines and cosines of numbers (n,) in [0, 1], from slow to `fastest`: (n, width).

    The slowest one takes a quarter of a turn from 0 to 1. Source: Vaswani et al. (2017).
    """
    turns = torch.logspace(0, math.log10(fastest), width // 2, device=values.device)
    angles = math.pi / 2 * turns * values[:, None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def grid_waves(side: int, width: int) -> Tensor:
    """For each cell of a square grid, row by row, waves of its row and of its column."""
    middles = (torch.arange(side) + 0.5) / side
    own = waves(middles, width // 2, side)
    down, across = own[:, None].expand(-1, side, -1), own[None].expand(side, -1, -1)
    return torch.cat([down, across], dim=2).flatten(0, 1)  # (side², width)

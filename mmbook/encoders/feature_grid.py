"""An encoder that keeps the cells of its feature map apart, each with its place."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from mmbook.layers.residual import Norm, convolution
from mmbook.tokens import Tokens

TURNS = (0.5, 1.0, 2.0, 4.0)  # half turns of the sines and cosines from one edge to the other


class FourierPositions(nn.Module):
    """Adds to each cell of a grid a vector that says where it lies.

    (batch, rows, columns, width) to the same shape. The vector is a linear map of the middle
    of the cell, x and y as fractions of the image, and of sines and cosines of TURNS · π
    times both. So a place is the same in grids of all sizes. Sources: Liu et al. 2018; Tancik
    et al. 2020.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(2 * (1 + 2 * len(TURNS)), width)

    def forward(self, cells: Tensor) -> Tensor:
        rows, columns = cells.shape[1:3]
        y, x = ((torch.arange(n, device=cells.device) + 0.5) / n for n in (rows, columns))
        middles = torch.stack(torch.meshgrid(y, x, indexing="ij"), dim=-1)  # (rows, columns, 2)
        angles = [turns * math.pi * middles for turns in TURNS]
        waves = [wave for angle in angles for wave in (angle.sin(), angle.cos())]
        return cells + self.project(torch.cat([middles, *waves], dim=-1).to(cells.dtype))


class FeatureGridEncoder(nn.Module):
    """An image becomes one token for each cell of a feature map, which knows where it lies.

    images: (batch, channels, height, width), float; tokens: (batch, cells, width), all real,
    row by row. A 3×3 convolution, a normalisation and a ReLU for each of `strides`, to the
    channels `stages` and at last `width`; then the position is added and all is normalised.
    norm: makes the normalisation of a number of channels. positions: makes what adds the
    position to cells (batch, rows, columns, width); `nn.Identity` would leave it out. Raises
    ValueError on another rank or number of channels, and where strides do not fit stages.
    Source: Xu et al. 2015 for cells as what a decoder of captions looks at.
    """

    def __init__(
        self,
        channels: int = 3,
        width: int = 96,
        stages: Sequence[int] = (32, 48, 48, 96),
        strides: Sequence[int] = (2, 2, 1, 2, 1),
        norm: Norm = nn.BatchNorm2d,
        positions: Callable[[int], nn.Module] = FourierPositions,
    ) -> None:
        super().__init__()
        if len(strides) != len(stages) + 1:
            raise ValueError(
                f"strides must be one more than stages, for the width: {len(strides)} for "
                f"{len(stages)} stages"
            )
        self.channels = channels
        sizes = [channels, *stages, width]
        self.layers = nn.Sequential(
            *(
                nn.Sequential(convolution(i, o, stride=stride), norm(o), nn.ReLU())
                for i, o, stride in zip(sizes[:-1], sizes[1:], strides, strict=True)
            )
        )
        self.positions = positions(width)
        self.norm = nn.LayerNorm(width)

    def forward(self, images: Tensor) -> Tokens:
        if images.ndim != 4 or images.shape[1] != self.channels:
            raise ValueError(
                f"images must have shape (batch, {self.channels}, height, width), "
                f"not {tuple(images.shape)}"
            )
        # The channels of a place side by side in memory, as tokens need them: faster, too.
        x = self.layers(images.contiguous(memory_format=torch.channels_last))
        cells = self.positions(x.permute(0, 2, 3, 1))  # (batch, rows, columns, width)
        return Tokens.of(self.norm(cells.flatten(1, 2)))  # (batch, cells, width)

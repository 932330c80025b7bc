"""A residual network: images to tokens."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.layers.residual import Norm, PreActivationBlock, convolution
from mmbook.tokens import Tokens


class ResidualEncoder(nn.Module):
    """An image becomes one token for each cell of the last feature map of a residual network.

    images: (batch, channels, height, width), float; tokens: (batch, cells, width), all real,
    where cells = ⌈height/2ⁿ⌉·⌈width/2ⁿ⌉ and n = len(stages). A first convolution makes stages[0]
    channels; then come n stages of blocks, as many as `depths` says, whose first one halves the
    height and width and whose channels are stages[1], ..., width.
    block: makes a block from its inputs, outputs, stride and `norm`; norm: see the blocks.
    Raises ValueError on another rank or number of channels, and on stages without their depth.
    Source: He et al. 2016.
    """

    def __init__(
        self,
        channels: int = 1,
        width: int = 128,
        stages: Sequence[int] = (32, 64),
        depths: Sequence[int] = (1, 2),
        block: Callable[[int, int, int, Norm], nn.Module] = PreActivationBlock,
        norm: Norm = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        if len(depths) != len(stages) or not stages or min(depths) < 1:
            raise ValueError(
                f"each stage needs a depth of one block or more: stages {tuple(stages)}, "
                f"depths {tuple(depths)}"
            )
        self.channels = channels
        self.first = convolution(channels, stages[0])
        self.blocks = nn.Sequential()
        for (inputs, outputs), depth in zip(pairwise([*stages, width]), depths, strict=True):
            self.blocks.append(block(inputs, outputs, 2, norm))
            self.blocks.extend(block(outputs, outputs, 1, norm) for _ in range(depth - 1))
        self.norm = norm(width)

    def forward(self, images: Tensor) -> Tokens:
        if images.ndim != 4 or images.shape[1] != self.channels:
            raise ValueError(
                f"images must have shape (batch, {self.channels}, height, width), "
                f"not {tuple(images.shape)}"
            )
        # The channels of a place side by side in memory, as tokens need them: faster, too.
        x = self.first(images).contiguous(memory_format=torch.channels_last)
        x = F.relu(self.norm(self.blocks(x)))
        return Tokens.of(x.flatten(2).transpose(1, 2))  # (batch, cells, width)

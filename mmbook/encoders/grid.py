"""An encoder that keeps what is where: the cells of a feature map side by side."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.encoders.cnn import ConvolutionalEncoder
from mmbook.tokens import Tokens


class GridEncoder(nn.Module):
    """An image becomes one token, which knows what is where.

    A mean over the cells of a feature map forgets the places. Here each cell is brought to a few
    features, and a layer of `hidden` units reads those of all cells side by side.
    images: (batch, channels, side, side), float, always of the one side; tokens: (batch, 1, width).
    stages: of the `ConvolutionalEncoder` whose cells of `width` are read; narrow: features a cell.
    Raises ValueError on another shape.
    """

    def __init__(
        self,
        side: int,
        channels: int = 3,
        width: int = 96,
        stages: Sequence[int] = (24, 48),
        narrow: int = 32,
        hidden: int = 384,
    ) -> None:
        super().__init__()
        self.side = side
        self.convolutions = ConvolutionalEncoder(channels, width, stages)
        for _ in range(len(stages) + 1):
            side = -(-side // 2)  # ⌈side/2⌉
        self.narrow = nn.Linear(width, narrow)
        self.hidden = nn.Linear(side * side * narrow, hidden)
        self.output = nn.Linear(hidden, width)

    def forward(self, images: Tensor) -> Tokens:
        if images.shape[-2:] != (self.side, self.side):
            raise ValueError(
                f"images must be {self.side} pixels wide and high, not {tuple(images.shape)}"
            )
        cells = self.convolutions(images).values  # (batch, cells, width)
        places = self.narrow(cells).flatten(1)  # (batch, cells * narrow)
        return Tokens.of(self.output(F.relu(self.hidden(places))).unsqueeze(1))

"""The encoder of a discriminator: an image, and how it differs from others, to one token."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.tokens import Tokens


class MinibatchDeviation(nn.Module):
    """Adds a channel that says how much the samples of a group differ.

    maps: (batch, channels, height, width), consecutive samples in groups of `group`; returns
    one channel more, which holds for all samples of a group the mean of the standard deviations
    of its features. Real images of one class differ; a generator that draws one of them again
    and again is seen by it. Raises ValueError on a group below 2, and on a batch that it does
    not divide. Source: Karras et al. (2018).
    """

    def __init__(self, group: int = 4) -> None:
        super().__init__()
        if group < 2:
            raise ValueError(f"a group needs 2 samples or more to differ, not {group}")
        self.group = group

    def forward(self, maps: Tensor) -> Tensor:
        batch, _, height, width = maps.shape
        if batch % self.group:
            raise ValueError(f"{batch} samples are no whole groups of {self.group}")
        groups = maps.unflatten(0, (-1, self.group))  # (groups, group, channels, height, width)
        # The root of zero has no gradient, hence the small number.
        deviation = (groups.var(dim=1, unbiased=False) + 1e-8).sqrt().flatten(1).mean(dim=1)
        channel = deviation.repeat_interleave(self.group).view(batch, 1, 1, 1)
        return torch.cat([maps, channel.expand(-1, -1, height, width)], dim=1)


class DiscriminatorEncoder(nn.Module):
    """A grey square image becomes one token, with nothing that hides how it differs from others.

    images: (batch, 1, size, size), float, in [-1, 1]; tokens: (batch, 1, width), all real.
    Four neighbouring pixels become the channels of one place, three convolutions follow, and a
    linear layer. There is no normalisation: over a batch it would mix real and generated images,
    and a penalty on the gradient of one image would reach the others.
    group: of `MinibatchDeviation` before the linear layer; 0 for none, and then the samples of a
    batch are read each by itself. Raises ValueError on an odd size or images of another shape.
    """

    def __init__(
        self, size: int = 28, width: int = 128, channels: int = 16, group: int = 4
    ) -> None:
        super().__init__()
        if size < 2 or size % 2:
            raise ValueError(f"size must be an even number of pixels, not {size}")
        self.size = size
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(4, channels, 3, padding=1),
                nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1),
                nn.Conv2d(2 * channels, 3 * channels, 3, stride=2, padding=1),
            ]
        )
        self.compare = MinibatchDeviation(group) if group else nn.Identity()
        side = -(-(size // 4) // 2)  # size/2, then ⌊/2⌋ by a filter of 4, then ⌈/2⌉ by one of 3
        self.linear = nn.Linear((3 * channels + bool(group)) * side**2, width)

    def forward(self, images: Tensor) -> Tokens:
        if images.shape[1:] != (1, self.size, self.size):
            raise ValueError(
                f"images must be (batch, 1, {self.size}, {self.size}), not {tuple(images.shape)}"
            )
        x = F.pixel_unshuffle(images, 2).contiguous(memory_format=torch.channels_last)
        for convolution in self.convolutions:
            x = F.leaky_relu(convolution(x), 0.2)
        x = self.linear(self.compare(x).flatten(1))
        return Tokens.of(F.leaky_relu(x, 0.2).unsqueeze(1))  # (batch, 1, width)

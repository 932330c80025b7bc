"""Residual blocks: a layer that adds to what came before it."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

Norm = Callable[[int], nn.Module]


def convolution(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps height and width, divided by its stride.

    It has no bias: a normalisation behind it would subtract it again.
    """
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


def shortcut(inputs: int, outputs: int, stride: int) -> nn.Module:
    """The way around a block: nothing at all, or a 1×1 convolution where the shape changes."""
    if inputs == outputs and stride == 1:
        return nn.Identity()
    return convolution(inputs, outputs, 1, stride)


class PreActivationBlock(nn.Module):
    """y = shortcut(x) + f(x), where f is twice a normalisation, a ReLU and a convolution.

    (batch, inputs, height, width) to (batch, outputs, ⌈height/stride⌉, ⌈width/stride⌉).
    Nothing but convolutions of shortcuts stands between the first block's input and the last one's
    output, so one term of the gradient goes around all blocks. norm: makes the normalisation of a
    number of channels. Source: He et al. 2016, Identity Mappings in Deep Residual Networks.
    """

    def __init__(
        self, inputs: int, outputs: int, stride: int = 1, norm: Norm = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        self.shortcut = shortcut(inputs, outputs, stride)
        self.norm1, self.norm2 = norm(inputs), norm(outputs)
        self.convolution1 = convolution(inputs, outputs, stride=stride)
        self.convolution2 = convolution(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        change = self.convolution1(F.relu(self.norm1(x)))
        change = self.convolution2(F.relu(self.norm2(change)))
        return self.shortcut(x) + change  # eq. cn-residual in chapter `convolutional-networks`


class PostActivationBlock(nn.Module):
    """y = ReLU(shortcut(x) + f(x)), where f is convolution, normalisation, ReLU and the first two.

    Shapes and `norm` as in `PreActivationBlock`. Source: He et al. 2016, Deep Residual Learning
    for Image Recognition.
    """

    def __init__(
        self, inputs: int, outputs: int, stride: int = 1, norm: Norm = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        self.shortcut = shortcut(inputs, outputs, stride)
        self.norm1, self.norm2 = norm(outputs), norm(outputs)
        self.convolution1 = convolution(inputs, outputs, stride=stride)
        self.convolution2 = convolution(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        change = F.relu(self.norm1(self.convolution1(x)))
        change = self.norm2(self.convolution2(change))
        return F.relu(self.shortcut(x) + change)

"""Convolutional encoders: images and spectrograms to tokens."""

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.tokens import Tokens


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of a feature map, at each place by itself.

    (batch, channels, height, width) to the same shape. Neither the other samples of the batch nor
    the padding beside a place can change its value, as they would with batch normalisation.
    Source: Ba et al. 2016.
    """

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvolutionBlock(nn.Module):
    """A 3×3 convolution with stride 2, normalisation and ReLU: half the height and width.

    (batch, inputs, height, width) to (batch, outputs, ⌈height/2⌉, ⌈width/2⌉).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        # A stride of 2 does a quarter of the work of a convolution and 2×2 pooling behind it.
        self.convolution = nn.Conv2d(inputs, outputs, kernel_size=3, stride=2, padding=1)
        self.norm = LayerNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.convolution(x)))


class ConvolutionalEncoder(nn.Module):
    """An image becomes one token for each cell of the last feature map.

    images: (batch, channels, height, width), float; tokens: (batch, cells, width), all real,
    where cells = ⌈height/2ⁿ⌉·⌈width/2ⁿ⌉ after n = len(stages) + 1 blocks.
    Raises ValueError on another rank or number of channels. Source: LeCun et al. 1998.
    """

    def __init__(
        self, channels: int = 1, width: int = 64, stages: Sequence[int] = (16, 32, 64)
    ) -> None:
        super().__init__()
        sizes = [channels, *stages, width]
        self.channels = channels
        self.blocks = nn.ModuleList(ConvolutionBlock(i, o) for i, o in pairwise(sizes))

    def forward(self, images: Tensor) -> Tokens:
        if images.ndim != 4 or images.shape[1] != self.channels:
            raise ValueError(
                f"images must have shape (batch, {self.channels}, height, width), "
                f"not {tuple(images.shape)}"
            )
        x = images
        for block in self.blocks:
            x = block(x)
        return Tokens.of(x.flatten(2).transpose(1, 2))  # (batch, cells, width)


class SpectrogramEncoder(nn.Module):
    """A log-mel spectrogram becomes one token for each step of time of the last feature map.

    spectrograms: (batch, frames, mels), all real, or Padded or Tokens of that shape, padded at the
    end;
    tokens: (batch, ⌈frames/2ⁿ⌉, width) after n = len(stages) blocks. Unlike an image's height and
    width, frequency is not interchangeable with time (a vowel moved up is another vowel), so the
    frequencies that remain are read by a linear layer and not averaged.
    Raises ValueError on another rank or number of mels.
    """

    def __init__(
        self, mels: int = 40, width: int = 64, stages: Sequence[int] = (8, 16, 32, 64)
    ) -> None:
        super().__init__()
        self.mels = mels
        self.blocks = nn.ModuleList(ConvolutionBlock(i, o) for i, o in pairwise([1, *stages]))
        bands = -(-mels // 2 ** len(stages))  # ⌈mels/2ⁿ⌉
        self.project = nn.Linear(stages[-1] * bands, width)

    def forward(self, spectrograms: Tensor | Padded | Tokens) -> Tokens:
        if isinstance(spectrograms, Padded):
            spectrograms = Tokens(spectrograms.values, spectrograms.mask)
        frames = spectrograms if isinstance(spectrograms, Tokens) else Tokens.of(spectrograms)
        if frames.width != self.mels:
            raise ValueError(
                f"spectrograms must have shape (batch, frames, {self.mels}), "
                f"not {tuple(frames.values.shape)}"
            )
        x, mask = frames.values.unsqueeze(1), frames.mask  # (batch, 1, frames, mels)
        for block in self.blocks:
            # Zero is what a convolution finds beyond the edge: padding must look the same.
            x = block(x.masked_fill(~mask[:, None, :, None], 0))
            mask = mask[:, ::2]  # output t is centred on input 2t
        return Tokens(self.project(x.transpose(1, 2).flatten(2)), mask)  # (batch, frames/2ⁿ, width)

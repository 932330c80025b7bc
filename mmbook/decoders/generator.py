"""A decoder that draws: tokens and noise to an image, in one pass."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.tokens import Tokens


class FiLM(nn.Module):
    """Each channel of a feature map times a number and plus another, both read from a vector.

    maps: (batch, channels, height, width); condition: (batch, width); returns the shape of
    maps. FiLM: feature-wise linear modulation. It begins near the identity, as it scales by 1 +
    what it reads. Source: Perez et al. (2018).
    """

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 2 * channels)

    def forward(self, maps: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.linear(condition)[:, :, None, None].chunk(2, dim=1)
        return maps * (1 + scale) + shift


class ImageGenerator(nn.Module):
    """The mean token e and noise z become a grey square image, in [-1, 1].

    tokens: (batch, length, width); noise: (batch, `noise`); returns (batch, 1, size, size).
    A linear layer makes a map of a quarter of the size out of [z, e]; a transposed convolution
    doubles it; another convolution draws four pixels at each place, which are laid side by side.
    Every map is normalised over the batch and then modulated by [z, e] (`FiLM`), so that noise and
    words have a say at every size and not at the first alone.
    Raises ValueError on a size that 4 does not divide, and on noise of another shape.
    Sources: Radford et al. (2016), Shi et al. (2016) for the pixel shuffle.
    """

    def __init__(
        self, width: int, noise: int = 64, size: int = 28, channels: int = 16, hidden: int = 128
    ) -> None:
        super().__init__()
        if size < 4 or size % 4:
            raise ValueError(f"size must be a multiple of 4 pixels, not {size}")
        self.noise, self.side = noise, size // 4
        read, sizes = noise + width, (2 * channels, channels, channels)
        self.read = nn.Sequential(nn.Linear(read, hidden), nn.LeakyReLU(0.2))
        self.maps = nn.ModuleList(
            [
                nn.Linear(read, sizes[0] * self.side**2, bias=False),
                nn.ConvTranspose2d(sizes[0], sizes[1], 4, stride=2, padding=1, bias=False),
                nn.Conv2d(sizes[1], sizes[2], 3, padding=1, bias=False),
            ]
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(n, affine=False) for n in sizes)
        self.films = nn.ModuleList(FiLM(hidden, n) for n in sizes)
        self.pixels = nn.Conv2d(sizes[2], 4, 3, padding=1)

    def forward(self, tokens: Tokens, noise: Tensor) -> Tensor:
        told = tokens.mean()  # (batch, width)
        if noise.shape != (len(told), self.noise):
            raise ValueError(
                f"noise must be (batch, noise) = {(len(told), self.noise)}, "
                f"not {tuple(noise.shape)}"
            )
        x = torch.cat([noise, told], dim=1)  # [z, e]
        condition = self.read(x)
        for convolution, norm, film in zip(self.maps, self.norms, self.films, strict=True):
            x = convolution(x)
            if x.ndim == 2:  # (batch, channels · side²): the first map
                x = x.unflatten(1, (-1, self.side, self.side))
                # The channels of a place side by side in memory: convolutions are faster.
                x = x.contiguous(memory_format=torch.channels_last)
            x = F.leaky_relu(film(norm(x), condition), 0.2)
        return F.pixel_shuffle(self.pixels(x), 2).tanh()  # (batch, 1, size, size)

"""The speed of step 2."""

import torch
from torch import nn

from benchmarks.compare import compare
from mmbook.encoders import ConvolutionalEncoder


def encoder() -> None:
    """Forward and backward of our encoder against the same layers of torch.nn in a row."""
    images = torch.rand(128, 1, 28, 28)
    ours = ConvolutionalEncoder()
    sizes = [(1, 16), (16, 32), (32, 64)]
    layers = [
        layer
        for i, o in sizes
        for layer in (nn.Conv2d(i, o, 3, 2, 1), nn.BatchNorm2d(o), nn.ReLU())
    ]
    reference = nn.Sequential(*layers)

    compare(
        "CNN encoder, forward and backward / with BatchNorm2d",
        lambda: ours(images).mean().square().mean().backward(),
        lambda: reference(images).mean((2, 3)).square().mean().backward(),
    )


BENCHMARKS = (encoder,)

"""Models that say what an image shows."""

from collections.abc import Sequence

from torch import Tensor, nn

from mmbook.decoders import MeanPool
from mmbook.encoders import ConvolutionalEncoder
from mmbook.encoders.residual import ResidualEncoder
from mmbook.fusion import LateFusion
from mmbook.models.multimodal import MultimodalModel
from mmbook.tokens import Tokens

PLAIN_ENCODERS = ("dense", "convolutional")


class DenseEncoder(nn.Module):
    """y = ReLU(W·x + b): all pixels at once become one token.

    images: (batch, 1, height, width) with height·width = pixels; tokens: (batch, 1, width).
    """

    def __init__(self, pixels: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(pixels, width)

    def forward(self, images: Tensor) -> Tokens:
        return Tokens.of(self.linear(images.flatten(1)).relu().unsqueeze(1))


def image_classifier(encoder: nn.Module, width: int, classes: int = 10) -> MultimodalModel:
    """One encoder of images whose mean token a linear layer reads: scores (batch, classes)."""
    return MultimodalModel({"image": encoder}, LateFusion(["image"], width, classes), MeanPool())


def residual_classifier(
    width: int = 128,
    stages: Sequence[int] = (32, 64),
    depths: Sequence[int] = (1, 2),
    classes: int = 10,
) -> MultimodalModel:
    """A residual network for grey images; see `ResidualEncoder` for its sizes."""
    return image_classifier(ResidualEncoder(1, width, stages, depths), width, classes)


def plain_classifier(name: str, pixels: int) -> MultimodalModel:
    """One dense layer of 256 units ("dense"), or four plain convolutions ("convolutional").

    pixels: of one grey image. What a residual network is compared with. Raises ValueError for
    another name.
    """
    if name == "dense":
        return image_classifier(DenseEncoder(pixels, 256), 256)
    if name == "convolutional":
        return image_classifier(ConvolutionalEncoder(width=64), 64)
    raise ValueError(f"no encoder {name!r}; there are: {', '.join(PLAIN_ENCODERS)}")

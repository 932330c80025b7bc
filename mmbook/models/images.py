"""Plain networks of images, which others are compared with."""

from torch import Tensor, nn

from mmbook.encoders import ConvolutionalEncoder
from mmbook.models.classification import classifier
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


def plain_classifier(name: str, pixels: int) -> MultimodalModel:
    """One dense layer of 256 units ("dense"), or four plain convolutions ("convolutional").

    pixels: of one grey image. What a residual network is compared with. Raises ValueError for
    another name.
    """
    if name == "dense":
        return classifier({"image": DenseEncoder(pixels, 256)}, 256)
    if name == "convolutional":
        return classifier({"image": ConvolutionalEncoder(width=64)}, 64)
    raise ValueError(f"no encoder {name!r}; there are: {', '.join(PLAIN_ENCODERS)}")

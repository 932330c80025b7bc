"""Models that say what a picture shows."""

from collections.abc import Sequence

from torch import nn

from mmbook.decoders import Readout
from mmbook.encoders.residual import ResidualEncoder
from mmbook.fusion import LateFusion
from mmbook.models.multimodal import MultimodalModel


def picture_classifier(encoder: nn.Module, width: int, classes: int = 10) -> MultimodalModel:
    """One encoder of pictures whose mean token a linear layer reads: scores (batch, classes)."""
    return MultimodalModel({"picture": encoder}, LateFusion(["picture"], width, classes), Readout())


def residual_classifier(
    width: int = 128,
    stages: Sequence[int] = (32, 64),
    depths: Sequence[int] = (1, 2),
    classes: int = 10,
) -> MultimodalModel:
    """A residual network for grey pictures; see `ResidualEncoder` for its sizes."""
    return picture_classifier(ResidualEncoder(1, width, stages, depths), width, classes)

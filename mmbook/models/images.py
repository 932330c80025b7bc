"""Models that say what an image shows."""

from collections.abc import Sequence

from torch import nn

from mmbook.decoders import MeanPool
from mmbook.encoders.residual import ResidualEncoder
from mmbook.fusion import LateFusion
from mmbook.models.multimodal import MultimodalModel


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

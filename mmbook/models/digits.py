"""Models that recognise a digit seen, heard and read."""

from collections.abc import Sequence

from torch import nn

from mmbook.decoders import Classifier, MeanPool
from mmbook.encoders import ConvolutionalEncoder, RecurrentEncoder, SpectrogramEncoder
from mmbook.fusion import ConcatFusion, LateFusion, ModalityDropout
from mmbook.models.multimodal import MultimodalModel


def digit_encoders(
    modalities: Sequence[str], vocabulary: int, width: int = 64
) -> dict[str, nn.Module]:
    """An encoder for each of the modalities "image", "audio" and "text" that is named."""
    makers = {
        "image": lambda: ConvolutionalEncoder(width=width),
        "audio": lambda: SpectrogramEncoder(width=width),
        "text": lambda: RecurrentEncoder(vocabulary, width=width),
    }
    unknown = set(modalities) - set(makers)
    if unknown:
        raise ValueError(f"no encoder for {sorted(unknown)}; there are {list(makers)}")
    return {m: makers[m]() for m in modalities}


def recogniser(
    modalities: Sequence[str],
    vocabulary: int,
    *,
    fusion: str = "early",
    classes: int = 10,
    width: int = 64,
    dropout: float = 0.0,
) -> MultimodalModel:
    """A digit recogniser with early or late fusion and modality dropout.

    Raises ValueError on an unknown fusion or modality.
    """
    encoders = digit_encoders(modalities, vocabulary, width)
    if fusion == "early":
        join: nn.Module = ConcatFusion(modalities, width)
        decoder: nn.Module = Classifier(width, classes)
    elif fusion == "late":
        join, decoder = LateFusion(modalities, width, classes), MeanPool()
    else:
        raise ValueError(f"no fusion {fusion!r}; there are 'early' and 'late'")
    if dropout:
        join = nn.Sequential(ModalityDropout(dropout), join)
    return MultimodalModel(encoders, join, decoder)


def expert(
    modality: str, vocabulary: int, *, classes: int = 10, width: int = 64
) -> MultimodalModel:
    """A recogniser with one sense alone: late fusion of one modality is its own classifier."""
    return recogniser([modality], vocabulary, fusion="late", classes=classes, width=width)

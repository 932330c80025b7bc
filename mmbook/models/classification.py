"""Models that name a class: of one sense or several, by early or late fusion."""

from collections.abc import Mapping, Sequence
from typing import Literal

from torch import nn

from mmbook.decoders import Classifier, MeanPool
from mmbook.encoders import ConvolutionalEncoder, RecurrentEncoder, SpectrogramEncoder
from mmbook.fusion import ConcatFusion, LateFusion, ModalityDropout
from mmbook.models.multimodal import MultimodalModel

Fusion = Literal["early", "late"]


def classifier(
    encoders: Mapping[str, nn.Module],
    width: int,
    classes: int = 10,
    *,
    fusion: str = "late",
    dropout: float = 0.0,
) -> MultimodalModel:
    """A classifier of any modalities: scores (batch, classes).

    encoders: {modality: encoder of this width}. fusion: "early" joins the tokens, "late" what each
    modality believes; of one modality alone, late fusion is a linear layer behind its mean token.
    dropout: the probability that a modality is left out in training. Raises ValueError on another
    fusion.
    """
    join, decoder = fusion_and_decoder(tuple(encoders), width, classes, fusion, dropout)
    return MultimodalModel(encoders, join, decoder)


def fusion_and_decoder(
    modalities: Sequence[str], width: int, classes: int, fusion: str, dropout: float
) -> tuple[nn.Module, nn.Module]:
    """The two parts of a `classifier` that come after its encoders."""
    if fusion == "early":
        join: nn.Module = ConcatFusion(modalities, width)
        decoder: nn.Module = Classifier(width, classes)
    elif fusion == "late":
        join, decoder = LateFusion(modalities, width, classes), MeanPool()
    else:
        raise ValueError(f"no fusion {fusion!r}; there are 'early' and 'late'")
    return (nn.Sequential(ModalityDropout(dropout), join) if dropout else join), decoder


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
    """A `classifier` of digits seen, heard and read. Raises ValueError on an unknown modality."""
    encoders = digit_encoders(modalities, vocabulary, width)
    return classifier(encoders, width, classes, fusion=fusion, dropout=dropout)


def expert(
    modality: str, vocabulary: int, *, classes: int = 10, width: int = 64
) -> MultimodalModel:
    """A recogniser with one sense alone: late fusion of one modality is its own classifier."""
    return recogniser([modality], vocabulary, fusion="late", classes=classes, width=width)

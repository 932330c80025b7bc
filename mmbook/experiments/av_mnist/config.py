"""What is compared, and with which sizes, noise and settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from torch import nn

from mmbook.datasets.digits.av_mnist import SNR_DB, VARIANTS
from mmbook.encoders import ConvolutionalEncoder, SpectrogramEncoder
from mmbook.fusion import (
    BottleneckFusion,
    ConcatFusion,
    CrossAttentionFusion,
    GatedFusion,
    LowRankFusion,
    SumFusion,
    TensorFusion,
)
from mmbook.training import TrainingConfig

CLASSES = 10
BOTH = ("image", "audio")
ENCODERS: Mapping[str, Callable[..., nn.Module]] = {
    "image": ConvolutionalEncoder,
    "audio": SpectrogramEncoder,
}
Join = Callable[[Sequence[str], int], nn.Module]
# From the modalities and the width to a fusion; "late" is the one that gives scores by itself.
FUSIONS: dict[str, Join] = {
    "sum": SumFusion,
    "concatenation": ConcatFusion,
    "gated": GatedFusion,
    "tensor": TensorFusion,
    "low rank": LowRankFusion,
    "cross-attention": CrossAttentionFusion,
    "bottleneck": BottleneckFusion,
}


@dataclass(frozen=True)
class System:
    """What joins which senses.

    dropout: how often training hides a sense. begins: the systems of one sense whose encoders it
    begins with, and late fusion with their answers too, so that it begins as their product; it is
    trained as long again. rounds: how many times as long it is trained, to compare with those.
    fresh: whether it never sees a training pair twice, but as many pairs as it takes, of the same
    images and recordings.
    """

    modalities: tuple[str, ...] = BOTH
    fusion: str = "late"
    dropout: float = 0.0
    begins: tuple[str, ...] = ()
    rounds: int = 1
    fresh: bool = False


ALONE = ("image alone", "audio alone")
FRESH = ("image alone, fresh pairs", "audio alone, fresh pairs")
# Those that others begin with come before them.
SYSTEMS = {
    **{name: System((sense,)) for name, sense in zip(ALONE, BOTH, strict=True)},
    "late": System(),
    **{name: System(fusion=name) for name in FUSIONS},
    "concatenation, dropout": System(fusion="concatenation", dropout=0.3),
    "concatenation, pretrained": System(fusion="concatenation", begins=ALONE),
    "late, pretrained": System(begins=ALONE),
    "late, twice as long": System(rounds=2),
    **{name: System((sense,), fresh=True) for name, sense in zip(FRESH, BOTH, strict=True)},
    "late, fresh pairs": System(fresh=True),
    "late, pretrained, fresh pairs": System(begins=FRESH, fresh=True),
    "late, twice as long, fresh pairs": System(rounds=2, fresh=True),
}
BASELINES = ("majority", "image alone", "audio alone", "late")


@dataclass(frozen=True)
class AvMnistConfig:
    """Sizes, the noise, and the settings of the training loop.

    variants: of `mmbook.datasets.digits.av_mnist`. snr_db: of speech to background, in all splits.
    rates: learning rates that each system is trained with for the first seed; all seeds keep the
    one that does best on the validation samples of the first. training: its steps are the same for
    all but those that a `System` trains again or longer; its rate is replaced.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    bank: Literal["mini", "full"] = "mini"
    variants: tuple[str, ...] = VARIANTS[:1]
    train_size: int = 4_000
    validation_size: int = 2_000
    test_size: int = 2_000
    snr_db: float = SNR_DB
    width: int = 64
    rates: tuple[float, ...] = (1e-3, 4e-3)
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=160, batch_size=64, weight_decay=0.1, warmup=0.1
        )
    )


TIERS = {
    "mini": AvMnistConfig(),
    "medium": AvMnistConfig(variants=VARIANTS),
    "full": AvMnistConfig(
        bank="full",
        variants=VARIANTS,
        train_size=20_000,
        test_size=5_000,
        rates=(4e-3, 1e-2),
        training=TrainingConfig(steps=400, batch_size=128, weight_decay=0.1, warmup=0.1),
    ),
}

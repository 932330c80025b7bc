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

    dropout: how often training hides a sense. pretrained: whether its encoders begin as those of
    the senses alone, after whose training it is trained as long again. augmented: whether training
    hides stripes of the spectrograms.
    """

    modalities: tuple[str, ...] = BOTH
    fusion: str = "late"
    dropout: float = 0.0
    pretrained: bool = False
    augmented: bool = False


# Those that others begin from come first.
SYSTEMS = {
    "image alone": System(("image",)),
    "audio alone": System(("audio",)),
    "audio alone, augmented": System(("audio",), augmented=True),
    "late": System(),
    **{name: System(fusion=name) for name in FUSIONS},
    "concatenation, dropout": System(fusion="concatenation", dropout=0.3),
    "late, augmented": System(augmented=True),
    "concatenation, pretrained": System(fusion="concatenation", pretrained=True),
}
BASELINES = ("majority", "image alone", "audio alone", "late")


@dataclass(frozen=True)
class AvMnistConfig:
    """Sizes, the noise, and the settings of the training loop.

    variants: of `mmbook.datasets.digits.av_mnist`. snr_db: of speech to background, in all splits.
    rates: learning rates that each system is trained with for the first seed; all seeds keep the
    one that does best on the validation samples of the first. training: equally many steps for all;
    its rate is replaced.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    bank: Literal["mini", "full"] = "mini"
    variants: tuple[str, ...] = VARIANTS
    train_size: int = 4_000
    validation_size: int = 2_000
    test_size: int = 2_000
    snr_db: float = SNR_DB
    width: int = 64
    rates: tuple[float, ...] = (1e-3, 4e-3)
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=250, batch_size=64, weight_decay=0.1, warmup=0.1
        )
    )


TIERS = {
    "mini": AvMnistConfig(),
    "full": AvMnistConfig(
        bank="full",
        train_size=20_000,
        test_size=5_000,
        training=TrainingConfig(steps=500, batch_size=128, weight_decay=0.1, warmup=0.1),
    ),
}

"""What is compared, and with which sizes, noise and settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from torch import nn

from mmbook.datasets.digits.items import Corruption
from mmbook.fusion import (
    BottleneckFusion,
    ConcatFusion,
    CrossAttentionFusion,
    GatedFusion,
    JointAttentionFusion,
    LowRankFusion,
    SumFusion,
    TensorFusion,
)
from mmbook.fusion.cross_attention import joined
from mmbook.layers.attention import MultiHeadAttention
from mmbook.tokens import Tokens
from mmbook.training import TrainingConfig


class Pooled(nn.Module):
    """A fusion that is given one token of each modality: the mean of those there are."""

    def __init__(self, fusion: nn.Module) -> None:
        super().__init__()
        self.fusion = fusion

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        means = {
            m: Tokens(t.mean().unsqueeze(1), t.present().unsqueeze(1)) for m, t in tokens.items()
        }
        return self.fusion(means)


class PlainAttention(nn.Module):
    """Cross-attention each way and nothing else: no network that thinks about what was found."""

    def __init__(self, modalities: Sequence[str], width: int, heads: int = 4) -> None:
        super().__init__()
        self.attend = nn.ModuleDict({m: MultiHeadAttention(width, heads) for m in modalities})

    def forward(self, tokens: Mapping[str, Tokens]) -> Tokens:
        found = {}
        for m, attend in self.attend.items():
            others = joined(tokens, [other for other in self.attend if other != m])
            heard = attend(tokens[m].values, others.values, others.mask)
            found[m] = Tokens(tokens[m].values + heard, tokens[m].mask)
        return joined(found, list(found))


Join = Callable[[Sequence[str], int], nn.Module]
# From the modalities and the width to a fusion; "late" is the one that gives scores by itself.
FUSIONS: dict[str, Join] = {
    "sum": SumFusion,
    "sum, hidden layer": lambda m, width: SumFusion(m, width, hidden=2 * width),
    "concatenation": ConcatFusion,
    "gated": GatedFusion,
    "tensor": TensorFusion,
    "tensor, hidden layer": lambda m, width: TensorFusion(m, width, hidden=2 * width),
    "low rank": LowRankFusion,
    "low rank, hidden layer": lambda m, width: LowRankFusion(m, width, hidden=2 * width),
    "cross-attention": CrossAttentionFusion,
    "cross-attention, pooled": lambda m, width: Pooled(CrossAttentionFusion(m, width)),
    "attention only": PlainAttention,
    "attention only, pooled": lambda m, width: Pooled(PlainAttention(m, width)),
    "joint attention": JointAttentionFusion,
    "bottleneck": BottleneckFusion,
}
SYSTEMS = ("late", *FUSIONS)
INSTRUCTED = "look-or-listen"  # the game with a third sense, which says what to do


@dataclass(frozen=True)
class FusionGamesConfig:
    """Sizes, the noise on both senses, and the settings of the two stages.

    games: names of `mmbook.datasets.digits.tasks.TASKS`. rates: learning rates that each fusion
    is trained with in each game; the one that does best on the validation split is measured.
    recognising: of the eye and the ear. joining: of the fusions, whose rate is replaced.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    bank: Literal["mini", "full"] = "mini"
    train_size: int = 8_000
    validation_size: int = 1_000
    test_size: int = 2_000
    width: int = 48
    games: tuple[str, ...] = ("parity", "and")
    rates: tuple[float, ...] = (1e-3, 4e-3)
    training_noise: Corruption = field(
        default_factory=lambda: Corruption(
            image_noise=(0.0, 0.4), audio_snr_db=(5.0, 30.0), audio_speed=(0.8, 1.25)
        )
    )
    noise: Corruption = field(
        default_factory=lambda: Corruption(image_noise=0.1, audio_snr_db=15.0)
    )
    recognising: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=400, batch_size=64, learning_rate=4e-3, weight_decay=0.1, warmup=0.1
        )
    )
    joining: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=300, batch_size=64, weight_decay=0.1, warmup=0.1
        )
    )


TIERS = {
    "mini": FusionGamesConfig(),
    # Three times as long, and three rates: in 300 steps cross-attention was further below the
    # ceiling of parity.
    "medium": FusionGamesConfig(
        games=("parity", "and", INSTRUCTED),
        rates=(1e-3, 2e-3, 4e-3),
        joining=TrainingConfig(steps=900, batch_size=64, weight_decay=0.1, warmup=0.1),
    ),
    "full": FusionGamesConfig(
        bank="full",
        train_size=30_000,
        validation_size=5_000,
        test_size=10_000,
        games=("parity", "match", "and", "greater", INSTRUCTED),
        recognising=TrainingConfig(
            steps=2_000, batch_size=128, learning_rate=3e-3, weight_decay=0.1, warmup=0.1
        ),
        joining=TrainingConfig(steps=1_500, batch_size=128, weight_decay=0.1, warmup=0.1),
    ),
}

"""What is compared, and with which sizes and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mmbook.training import TrainingConfig

Pairs = tuple[tuple[str, str], ...]
Kind = Literal["InfoNCE", "multi-positive", "sigmoid"]

BASE = 64  # the batch of all systems but those that compare batches
BATCHES = (16, BASE, 256)
HUB: Pairs = (("image", "english"), ("audio", "english"))
APART: Pairs = (("image", "english"), ("audio", "chinese"))
LINKED: Pairs = (*APART, ("image", "chinese"))
ALL: Pairs = (*HUB, ("image", "chinese"), ("image", "audio"))
WITHHELD = 7  # the digit whose words training lacks


@dataclass(frozen=True)
class System:
    """What a space is trained with.

    pairs: the senses that are shown together; the two languages are a sense each, with an encoder
    of its own. loss: what is minimised. batch: samples of a step. equal: whether a larger batch has
    fewer steps, for as many samples, or as many steps, for more samples. scale: what cosines are
    multiplied by, at first or, where it is not learned, always. withheld: of the digit WITHHELD
    training lacks nothing, its two words, or its images and clips too.
    """

    pairs: Pairs = HUB
    loss: Kind = "InfoNCE"
    batch: int = BASE
    equal: Literal["samples", "steps"] = "samples"
    scale: float = 1 / 0.07
    learned: bool = True
    withheld: Literal["nothing", "words", "digit"] = "nothing"

    @property
    def senses(self) -> tuple[str, ...]:
        """All senses of the pairs, each once."""
        return tuple(dict.fromkeys(sense for pair in self.pairs for sense in pair))

    def steps(self, base: int) -> int:
        """The number of steps where a batch of BASE has `base`."""
        return base if self.equal == "steps" else max(1, base * BASE // self.batch)


# With as many samples, the rate of each chosen on validation; then InfoNCE with as many steps.
TUNED = (
    *(System(batch=batch) for batch in BATCHES),
    *(System(loss="sigmoid", batch=batch, scale=10.0) for batch in BATCHES),
    System(loss="multi-positive"),
)
AS_MANY_STEPS = tuple(System(batch=batch, equal="steps") for batch in BATCHES)
TEMPERATURES: Mapping[str, System] = {
    "scale 1": System(scale=1.0, learned=False),
    "scale learned": System(),
    "scale 100": System(scale=100.0, learned=False),
}
BOUND: Mapping[str, System] = {
    "through English": System(),
    "no link": System(pairs=APART),
    "linked": System(pairs=LINKED),
}
UNHEARD: Mapping[str, System] = {
    "all words": System(pairs=ALL),
    "words withheld": System(pairs=ALL, withheld="words"),
    "digit withheld": System(pairs=ALL, withheld="digit"),
}


@dataclass(frozen=True)
class SharedSpaceConfig:
    """Sizes and the settings of training; `training.steps` are those of a batch of BASE.

    rates: among these each of TUNED has the one that is best on validation with `tuning_seed`,
    which is no seed of a row; all others have that of the same loss and batch, and the rate of
    `training` is not used. size: of images in pixels. images: at most so many of a split are
    measured. drawn: pairs on which losses are measured. galleries: so many times one candidate of
    each digit is drawn. rotations: of one half of a space whose halves nothing links.
    """

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    tuning_seed: int = 100
    bank: Literal["mini", "full"] = "mini"
    size: int = 16
    width: int = 48
    rates: tuple[float, ...] = (2e-3, 6e-3)
    images: int = 5_000
    drawn: int = 8_192
    galleries: int = 20
    rotations: int = 100
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=200, batch_size=BASE, weight_decay=0.1, warmup=0.1
        )
    )


TIERS = {
    "mini": SharedSpaceConfig(),
    "full": SharedSpaceConfig(
        seeds=(0, 1, 2),
        bank="full",
        size=28,
        training=TrainingConfig(steps=500, batch_size=BASE, weight_decay=0.1, warmup=0.1),
    ),
}

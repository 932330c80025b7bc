"""What is compared, and how captions are searched."""

from dataclasses import dataclass, field

from mmbook.experiments.photo_captioning.criticism import CRITICISED, Criticism
from mmbook.experiments.photo_captioning.settings import Settings, System

SCRATCH, FROZEN = "from scratch", "frozen ImageNet encoder"
_PLAIN: dict[str, System] = {
    SCRATCH: System(),
    f"{SCRATCH}, Chinese": System("zh"),
    FROZEN: System(frozen=True),
    f"{FROZEN}, Chinese": System("zh", frozen=True),
    f"{SCRATCH}, no tags": System(tags=0.0),
    f"{SCRATCH}, no augmentation": System(augmented=False),
    f"{SCRATCH}, transformer": System(decoder="transformer"),
    f"{SCRATCH}, byte pairs": System(pieces="byte pairs"),
    f"{SCRATCH}, tags in both languages": System(named_in=("en", "zh")),
    f"{SCRATCH}, smoothed": System(smoothing=0.1),
    f"{SCRATCH}, two captions at once": System(captions=2, longer=0.75),  # about as long
}
# Those that learn on from the scores of their own captions.
AGAIN = (SCRATCH, f"{SCRATCH}, Chinese", FROZEN, f"{FROZEN}, Chinese")
SYSTEMS = _PLAIN | {f"{name}{CRITICISED}": _PLAIN[name] for name in AGAIN}


@dataclass(frozen=True)
class PhotoCaptioningConfig(Settings):
    """Settings, seeds, and what captions are searched with.

    criticism: of those that learn on from their own captions. beam: candidates of the search.
    penalties: for length, of which validation chooses one. systems: names of SYSTEMS. The rest as
    in `Settings`.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    criticism: Criticism = field(default_factory=Criticism)
    beam: int = 5
    penalties: tuple[float, ...] = (0.0, 0.5, 1.0)
    systems: tuple[str, ...] = tuple(SYSTEMS)


TIERS = {"full": PhotoCaptioningConfig()}

"""Who speaks and what is heard beside them, in which split: nothing is in two."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmbook.datasets.small.spoken_digits import FSDD_TEST_SPEAKERS


@dataclass(frozen=True)
class Part:
    """What a split is made of.

    people: speakers of FSDD. mandarin: whether the speaker of audio-cmn is there. synthetic:
    whether the book's synthetic voices are, those that have the same split among the spoken digits.
    generated: kinds of noise, made anew for the split. recorded: classes of ESC-10, of which folds;
    a recording of ESC-10 is in one fold only.
    """

    people: tuple[str, ...] = ()
    mandarin: bool = False
    synthetic: bool = False
    generated: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    folds: tuple[int, ...] = ()


# Left out of ESC-10: "clock tick" and "fire crackling". They are clicks, so to call them noise and
# no clicks would be wrong.
PARTS: Mapping[str, Mapping[str, Part]] = {
    "mini": {
        "train": Part(synthetic=True, generated=("white", "pink", "babble")),
        "validation": Part(synthetic=True, generated=("blue",)),
        "test": Part(synthetic=True, generated=("brown", "swelling")),
    },
    "full": {
        "train": Part(
            people=("george", "jackson"),
            mandarin=True,
            synthetic=True,
            generated=("white", "pink", "babble"),
            recorded=("baby cry", "dog bark", "helicopter", "sea waves"),
            folds=(1, 2),
        ),
        "validation": Part(
            people=("lucas", "nicolas"),
            generated=("blue",),
            recorded=("rain", "rooster"),
            folds=(3,),
        ),
        "test": Part(
            people=FSDD_TEST_SPEAKERS,
            generated=("brown", "swelling"),
            recorded=("chainsaw", "person sneeze"),
            folds=(4,),
        ),
    },
}
TIERS = tuple(PARTS)
# "unseen": the voices of the test, with faults of kinds that no other split has.
SPLITS = ("train", "validation", "test", "unseen")
SOURCES = {"unseen": "test"}  # whose part a split without one takes

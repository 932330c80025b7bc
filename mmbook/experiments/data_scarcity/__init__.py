"""With few labels, what helps: augmentation, transfer, unlabelled pictures, fonts, or a sound?

The same small network is trained with the same number of steps in many ways, on labels drawn anew
for each seed, so that every way is compared with the labels alone seed by seed.
"""

from mmbook.experiments.data_scarcity.config import TIERS, ScarcityConfig
from mmbook.experiments.data_scarcity.run import run

__all__ = ["TIERS", "ScarcityConfig", "run"]

"""What does training give away of its samples, who takes it, and what does it cost to keep it?

Attacks on membership and on gradients, private training at several epsilons, and speakers who train
together without sending a sound.
"""

from mmbook.experiments.privacy.config import TIERS, PrivacyExperiment
from mmbook.experiments.privacy.run import run

__all__ = ["TIERS", "PrivacyExperiment", "run"]

"""Which explanations name the right object, survive shuffled weights, and stand taking away?

Maps of the captioner that ships, its attention, the paint of erasing, what senses are worth, and
how many steps integrated gradients need.
"""

from mmbook.experiments.explainability.config import TIERS, ExplainabilityExperiment
from mmbook.experiments.explainability.run import run

__all__ = ["TIERS", "ExplainabilityExperiment", "run"]

"""Which predicts the next word better: counts of short runs, a recurrent network, or both?"""

from mmbook.experiments.language_model.run import TIERS, LanguageModelConfig, run

__all__ = ["TIERS", "LanguageModelConfig", "run"]

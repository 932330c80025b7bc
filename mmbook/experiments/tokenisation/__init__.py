"""How text becomes numbers, and what each way keeps: tokens, unknown words, segments, meaning."""

from mmbook.experiments.tokenisation.run import TIERS, TokenisationConfig, run

__all__ = ["TIERS", "TokenisationConfig", "run"]

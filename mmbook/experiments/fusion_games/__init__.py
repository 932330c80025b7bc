"""Which way of joining two senses can play which game? An answer may need one, both, or a switch.

An eye and an ear learn digits first. What they see and hear is then kept, and every fusion learns
from the same tokens to answer questions about the two digits: with its own tuned rate, and held
against what remains of it when the senses may no longer change each other's meaning.
"""

from mmbook.experiments.fusion_games.config import TIERS, FusionGamesConfig
from mmbook.experiments.fusion_games.run import run

__all__ = ["TIERS", "FusionGamesConfig", "run"]

"""Puts digits seen, heard and read into one space, and finds what was never shown together.

How low can the loss fall where ten digits fill a batch of 64? What does temperature change? Does a
third sense bind two? And what can be found by a word that training did not hold?
"""

from mmbook.experiments.shared_space.config import TIERS, SharedSpaceConfig
from mmbook.experiments.shared_space.run import run

__all__ = ["TIERS", "SharedSpaceConfig", "run"]

"""Draws a digit that a word asks for, in English or Chinese, by adversaries.

What each part of the recipe is worth: a share that is right says nothing of how various the images
are, and that they vary inside a class nothing of how much of it is reached.
"""

from mmbook.experiments.digit_gan.config import TIERS, DigitGanConfig
from mmbook.experiments.digit_gan.run import run

__all__ = ["TIERS", "DigitGanConfig", "run"]

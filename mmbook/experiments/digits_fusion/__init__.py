"""Which is better, one sense or several, and joined how, as noise grows?

One recogniser a sense, and early and late fusion of them, are trained over a range of noise and
measured at several levels of each sense's. Samples are independent given the digit by construction,
so the product of the single senses' posteriors is the optimal way to join them, where they are
right about how sure they are: so it is measured plain and calibrated.
"""

from mmbook.experiments.digits_fusion.config import TIERS, DigitsFusionConfig
from mmbook.experiments.digits_fusion.run import run

__all__ = ["TIERS", "DigitsFusionConfig", "run"]

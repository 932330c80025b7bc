"""Is an ear as sure as it is right about voices that it never heard, and what mends it?

An ear is measured on voices of its training and on new ones, with temperatures that were fitted
on known voices, on other voices, on training voices by ears without them, and on the test voices
themselves, which no temperature can beat. Two controls tell the voices from the errors: known
voices in so much noise that the ear errs as often, for an ear that was trained in such noise and
for one that was not.
"""

from mmbook.experiments.calibration.config import TIERS, CalibrationConfig
from mmbook.experiments.calibration.run import run

__all__ = ["TIERS", "CalibrationConfig", "run"]

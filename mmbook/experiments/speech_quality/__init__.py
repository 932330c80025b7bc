"""Finds faults in recordings of speech, when they are heard, and predicts how good it sounds.

What each part of an inspector is worth: two streams, convolutions, memory; beside plain models of
a recording's statistics.
"""

from mmbook.experiments.speech_quality.config import TIERS, SpeechQualityConfig
from mmbook.experiments.speech_quality.run import run

__all__ = ["TIERS", "SpeechQualityConfig", "run"]

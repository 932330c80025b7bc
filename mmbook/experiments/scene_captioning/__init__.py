"""Describes a picture of shapes in a sentence, English or Chinese, exactly.

Of shapes in colours that training neither shows nor names. A decoder that reads its own words
learns which shapes are often red, and says those; so it starts with single objects, and its words
for colours and shapes are hidden from it once they are written.
"""

from mmbook.experiments.scene_captioning.config import TIERS, SceneCaptioningConfig
from mmbook.experiments.scene_captioning.run import run

__all__ = ["TIERS", "SceneCaptioningConfig", "run"]

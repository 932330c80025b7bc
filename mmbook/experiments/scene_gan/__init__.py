"""Draws the scene that a sentence asks for: by adversaries, and by flow matching.

One network, taught in two ways for about as long: to draw in one step what a discriminator takes
for a real picture of the sentence, or to say at every moment where noise should flow. A captioner,
which has seen all pairs of shape and colour, says what the drawn pictures show.
"""

from mmbook.experiments.scene_gan.config import TIERS, SceneGanConfig
from mmbook.experiments.scene_gan.run import run

__all__ = ["TIERS", "SceneGanConfig", "run"]

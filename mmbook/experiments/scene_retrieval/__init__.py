"""Finds a picture by a sentence, and a sentence by a picture: two objects and how they lie.

Of shapes in colours that training never shows. A network that is told only which sentences are of
other pictures may leave the order of the words out; sentences that are nearly right teach it.
"""

from mmbook.experiments.scene_retrieval.config import TIERS, SceneRetrievalConfig
from mmbook.experiments.scene_retrieval.run import run

__all__ = ["TIERS", "SceneRetrievalConfig", "run"]

"""What is in the image? A residual network against a plain one and against no convolution at all.

Digits and clothes on the publishers' test files, or the digits that come with scikit-learn. And
what a block's order, its normalisation and its shortcut are worth, at a fixed number of steps.
"""

from mmbook.experiments.image_recognition.config import TIERS, ImageRecognitionConfig
from mmbook.experiments.image_recognition.run import run

__all__ = ["TIERS", "ImageRecognitionConfig", "run"]

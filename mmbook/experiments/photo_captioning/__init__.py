"""Describes a photograph in a sentence, English or Chinese, learned from 6000 of them.

From scratch, so without any other picture or text, and beside it with a frozen encoder that learned
ImageNet's classes. Held against the best single sentence for all pictures and against people. There
is no tier mini: a few photographs teach no more than that single sentence, so only the whole set
answers what is asked.
"""

from mmbook.experiments.photo_captioning.config import TIERS, PhotoCaptioningConfig
from mmbook.experiments.photo_captioning.run import run

__all__ = ["TIERS", "PhotoCaptioningConfig", "run"]

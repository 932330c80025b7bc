"""What is minimised: each loss is a sum and the number of things it is a sum over."""

from mmbook.losses.cross_entropy import IGNORED, cross_entropy
from mmbook.losses.loss import Loss

__all__ = ["IGNORED", "Loss", "cross_entropy"]

"""A faint image and a noisy word of one digit: which fusion of two weak senses is worth most?

The senses are independent given the digit, so the product of what each believes is the best that
can be done with them, where they believe what is right. So it is held against networks that learn
from both at once, with known speakers and with speakers that were never heard.
"""

from mmbook.experiments.av_mnist.config import TIERS, AvMnistConfig
from mmbook.experiments.av_mnist.run import run

__all__ = ["TIERS", "AvMnistConfig", "run"]

"""What is minimised: each loss is a sum and the number of things it is a sum over."""

from mmbook.losses.adversarial import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    hinge_discriminator_loss,
    hinge_generator_loss,
    minimax_generator_loss,
)
from mmbook.losses.contrastive import contrastive, sigmoid_contrastive
from mmbook.losses.cross_entropy import IGNORED, cross_entropy
from mmbook.losses.ctc import ctc
from mmbook.losses.flow_matching import between, flow_matching
from mmbook.losses.loss import Loss
from mmbook.losses.squared_error import squared_error

__all__ = [
    "IGNORED",
    "Loss",
    "between",
    "contrastive",
    "cross_entropy",
    "ctc",
    "discriminator_loss",
    "flow_matching",
    "generator_loss",
    "gradient_penalty",
    "hinge_discriminator_loss",
    "hinge_generator_loss",
    "minimax_generator_loss",
    "sigmoid_contrastive",
    "squared_error",
]

"""Attacks on what a trained network, or a gradient, gives away of the samples behind it."""

from mmbook.evaluation.attacks.inversion import (
    InversionConfig,
    invert_gradients,
    invert_linear,
    label_from_gradient,
)
from mmbook.evaluation.attacks.membership import (
    advantage_bound,
    likelihood_ratio,
    logit_of_target,
    membership_advantage,
    roc_curve,
    true_positive_rate,
)

__all__ = [
    "InversionConfig",
    "advantage_bound",
    "invert_gradients",
    "invert_linear",
    "label_from_gradient",
    "likelihood_ratio",
    "logit_of_target",
    "membership_advantage",
    "roc_curve",
    "true_positive_rate",
]

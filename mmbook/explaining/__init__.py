"""Why did it say that: what a score owes to pixels and senses, and tests of such answers."""

from mmbook.explaining.complete import integrated_gradients_within
from mmbook.explaining.erasing import erasing_curve, occlusion
from mmbook.explaining.grad_cam import grad_cam
from mmbook.explaining.gradients import (
    gradient,
    gradient_times_input,
    integrated_gradients,
    smooth_gradient,
)
from mmbook.explaining.randomising import randomised
from mmbook.explaining.scores import LogProbabilities, OneSense, target_scores
from mmbook.explaining.shapley import sense_values, sense_worths, shapley_values

__all__ = [
    "LogProbabilities",
    "OneSense",
    "erasing_curve",
    "grad_cam",
    "gradient",
    "gradient_times_input",
    "integrated_gradients",
    "integrated_gradients_within",
    "occlusion",
    "randomised",
    "sense_values",
    "sense_worths",
    "shapley_values",
    "smooth_gradient",
    "target_scores",
]

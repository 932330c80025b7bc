"""Training that no single sample, or no single owner of samples, can be read out of."""

from mmbook.training.privacy.accounting import (
    ORDERS,
    epsilon_after,
    epsilon_from_rdp,
    noise_for,
    subsampled_gaussian_rdp,
)
from mmbook.training.privacy.dp_sgd import (
    PrivateConfig,
    PrivateHistory,
    fit_privately,
    poisson_sample,
    private_gradient,
)
from mmbook.training.privacy.federated import FederatedConfig, fit_federated, weighted_average
from mmbook.training.privacy.gradients import (
    clip_factors,
    per_sample_gradients,
    per_sample_norms,
)

__all__ = [
    "ORDERS",
    "FederatedConfig",
    "PrivateConfig",
    "PrivateHistory",
    "clip_factors",
    "epsilon_after",
    "epsilon_from_rdp",
    "fit_federated",
    "fit_privately",
    "noise_for",
    "per_sample_gradients",
    "per_sample_norms",
    "poisson_sample",
    "private_gradient",
    "subsampled_gaussian_rdp",
    "weighted_average",
]

"""The two losses of a generative adversarial network, from the scores of its discriminator."""

import torch.nn.functional as F
from torch import Tensor

from mmbook.losses.loss import Loss


def discriminator_loss(real: Tensor, generated: Tensor) -> Loss:
    """-log σ(real) - log(1 - σ(generated)), summed over pairs of scores of one shape.

    Raises ValueError for different shapes. Source: Goodfellow et al. (2014).
    """
    if real.shape != generated.shape:
        raise ValueError(
            f"scores must be of one shape, not {tuple(real.shape)} and {tuple(generated.shape)}"
        )
    return Loss((F.softplus(-real) + F.softplus(generated)).sum(), real.numel())


def generator_loss(generated: Tensor) -> Loss:
    """-log σ(generated), summed over the scores of what was generated.

    The non-saturating form: where the discriminator is sure, log(1 - σ(generated)) has no gradient.
    Source: Goodfellow et al. (2014).
    """
    return Loss(F.softplus(-generated).sum(), generated.numel())

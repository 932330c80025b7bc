"""The losses of a generative adversarial network, from the scores of its discriminator.

A score is a logit: σ(score) is how probable the discriminator thinks it that an image is real.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.losses.loss import Loss


def discriminator_loss(real: Tensor, generated: Tensor) -> Loss:
    """-log σ(real) - log(1 - σ(generated)), summed over pairs of scores of one shape.

    Raises ValueError for different shapes. Source: Goodfellow et al. (2014).
    """
    _check_pairs(real, generated)
    return Loss((F.softplus(-real) + F.softplus(generated)).sum(), real.numel())


def generator_loss(generated: Tensor) -> Loss:
    """-log σ(generated), summed over the scores of what was generated.

    The non-saturating form: where the discriminator is sure, log(1 - σ(generated)) has no gradient.
    Source: Goodfellow et al. (2014).
    """
    return Loss(F.softplus(-generated).sum(), generated.numel())


def minimax_generator_loss(generated: Tensor) -> Loss:
    """log(1 - σ(generated)), summed: the discriminator's loss with the other sign.

    It has no gradient where the discriminator is sure that it sees no real image, as it is at the
    beginning: see `generator_loss`. Source: Goodfellow et al. (2014).
    """
    return Loss(-F.softplus(generated).sum(), generated.numel())


def hinge_discriminator_loss(real: Tensor, generated: Tensor) -> Loss:
    """max(0, 1 - real) + max(0, 1 + generated), summed over pairs of scores of one shape.

    Raises ValueError for different shapes. Source: Lim and Ye (2017).
    """
    _check_pairs(real, generated)
    return Loss((F.relu(1 - real) + F.relu(1 + generated)).sum(), real.numel())


def hinge_generator_loss(generated: Tensor) -> Loss:
    """-generated, summed: what goes with `hinge_discriminator_loss`. Source: Lim and Ye (2017)."""
    return Loss(-generated.sum(), generated.numel())


def gradient_penalty(scores: Tensor, images: Tensor) -> Loss:
    """R1: half the squared length of each score's gradient by its real image, summed.

    scores: (n,), computed from images: (n, ...), which must require a gradient. Where the
    discriminator's scores are steep around real images, its game with the generator swings and
    does not settle. What the penalty gives can be derived again by the discriminator's weights.
    Raises ValueError for other shapes, and where scores do not depend on images.
    Source: Mescheder et al. (2018).
    """
    if scores.shape != images.shape[:1]:
        raise ValueError(
            f"scores must be (n,), one an image, not {tuple(scores.shape)} of images "
            f"{tuple(images.shape)}"
        )
    if not images.requires_grad or not scores.requires_grad:
        raise ValueError("scores must come from images that require a gradient")
    (slopes,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return Loss(slopes.square().sum() / 2, len(images))


def _check_pairs(real: Tensor, generated: Tensor) -> None:
    if real.shape != generated.shape:
        raise ValueError(
            f"scores must be of one shape, not {tuple(real.shape)} and {tuple(generated.shape)}"
        )

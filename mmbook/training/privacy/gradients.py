"""The gradient of each sample of a batch, and how much of it is let through."""

import math
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.utils._pytree import tree_map

Inputs = Tensor | Mapping[str, Tensor]
Gradients = dict[str, Tensor]
SampleLoss = Callable[[Tensor, Tensor], Tensor]  # outputs (1, ...), targets (1, ...) -> a number
MIXING = (nn.modules.batchnorm._BatchNorm,)  # layers in which one sample changes another's output


def per_sample_gradients(
    model: nn.Module, inputs: Inputs, targets: Tensor, loss: SampleLoss = F.cross_entropy
) -> Gradients:
    """The gradient of each sample's own loss, by parameter: {name: (n, *shape)}.

    inputs: (n, ...), or several by name as the model reads them. targets: (n, ...). What does not
    need a gradient gets none. Dropout draws anew for each sample.
    Raises ValueError for samples of uneven number, no sample, inputs of another precision than the
    model, a loss that is no number, or a batch norm in training, whose outputs for one sample hang
    on the others.
    """
    check_samples(inputs, targets)
    if any(isinstance(part, MIXING) and part.training for part in model.modules()):
        raise ValueError("a batch norm in training mixes samples: use a group norm, or eval()")
    learned = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    fixed = {name: p.detach() for name, p in model.named_parameters() if not p.requires_grad}
    fixed |= dict(model.named_buffers())
    if not learned:
        raise ValueError("no parameter of this model needs a gradient")
    _check_types(inputs, learned)

    def of_one(weights: Gradients, one: Inputs, target: Tensor) -> Tensor:
        batch = tree_map(lambda values: values.unsqueeze(0), one)  # (1, ...)
        outputs = functional_call(model, weights | fixed, (batch,))
        value = loss(outputs, target.unsqueeze(0))
        if value.ndim:
            raise ValueError(f"the loss must return one number, not {tuple(value.shape)}")
        return value

    each = vmap(grad(of_one), in_dims=(None, 0, 0), randomness="different")
    return each(learned, inputs, targets)


def per_sample_norms(gradients: Gradients) -> Tensor:
    """The length of each sample's gradient over all parameters, (n,).

    Raises ValueError without gradients, and FloatingPointError where a length is not finite.
    """
    if not gradients:
        raise ValueError("there are no gradients")
    squares = [g.reshape(len(g), -1).square().sum(dim=1) for g in gradients.values()]
    norms = torch.stack(squares).sum(dim=0).sqrt()  # (n,)
    if not norms.isfinite().all():
        place = int((~norms.isfinite()).nonzero()[0])
        raise FloatingPointError(f"the gradient of sample {place} is not finite")
    return norms


def clip_factors(norms: Tensor, clip: float) -> Tensor:
    """What to multiply each gradient by, so that none is longer than `clip`: (n,), at most 1.

    Raises ValueError unless `clip` is positive; `inf` lets everything through.
    """
    if not clip > 0:
        raise ValueError(f"the clipping norm must be positive, not {clip!r}")
    if math.isinf(clip):
        return torch.ones_like(norms)
    return (clip / norms.clamp(min=1e-12)).clamp(max=1.0)


def check_samples(inputs: Inputs, targets: Tensor) -> None:
    """Raises ValueError unless there are as many inputs as targets, one at least."""
    parts = dict(inputs) if isinstance(inputs, Mapping) else {"inputs": inputs}
    counts = {name: len(values) for name, values in parts.items()} | {"targets": len(targets)}
    if len(set(counts.values())) != 1 or not len(targets):
        raise ValueError(f"there must be as many inputs as targets, one at least, not {counts}")


def _check_types(inputs: Inputs, learned: Gradients) -> None:
    """Floating-point inputs must be of the model's precision; a tensor alone must be such."""
    own = next(iter(learned.values())).dtype
    parts = dict(inputs) if isinstance(inputs, Mapping) else {"inputs": inputs}
    for name, values in parts.items():
        floating = values.is_floating_point()
        if (floating or not isinstance(inputs, Mapping)) and values.dtype != own:
            raise ValueError(f"{name} are {values.dtype}, but the model is {own}: convert one")

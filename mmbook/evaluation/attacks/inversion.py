"""Inputs out of gradients: exactly behind a linear layer, by search through a small network."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad

LEAST = 1e-12  # a bias gradient below it divides nothing


@dataclass(frozen=True)
class InversionConfig:
    """How an input is searched for: steps and rate of Adam, and the weight of smoothness.

    smoothness: of the mean absolute difference of neighbouring pixels, for images (rows, columns).
    Raises ValueError for a value out of its range.
    """

    steps: int = 300
    learning_rate: float = 0.1
    smoothness: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.steps, int) or self.steps < 1:
            raise ValueError(f"steps must be a whole number from 1 up, not {self.steps!r}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate must be positive, not {self.learning_rate!r}")
        if not 0 <= self.smoothness < math.inf:
            raise ValueError(f"smoothness must be zero or positive, not {self.smoothness!r}")


def invert_linear(weight_gradient: Tensor, bias_gradient: Tensor) -> Tensor:
    """The input of a linear layer from the gradients of its weight and bias, (inputs,).

    weight_gradient: (outputs, inputs). bias_gradient: (outputs,). For one sample each row is the
    input times that row's bias gradient, so a quotient is the input; the row with the largest bias
    gradient is the most exact. Of a batch it is a weighted sum of the inputs.
    Raises ValueError for other shapes, NaN or infinity, or where all bias gradients vanish.
    Source: Phong et al. 2018.
    """
    if (
        weight_gradient.ndim != 2
        or not len(weight_gradient)
        or bias_gradient.shape != weight_gradient.shape[:1]
    ):
        raise ValueError(
            f"gradients must be (outputs, inputs) and (outputs,), not "
            f"{tuple(weight_gradient.shape)} and {tuple(bias_gradient.shape)}"
        )
    if not weight_gradient.isfinite().all() or not bias_gradient.isfinite().all():
        raise ValueError("the gradients hold NaN or infinity")
    row = int(bias_gradient.abs().argmax())
    if float(bias_gradient[row].abs()) < LEAST:
        raise ValueError("the gradient of the bias vanishes, so nothing can be divided by it")
    return weight_gradient[row] / bias_gradient[row]


def label_from_gradient(bias_gradient: Tensor) -> int:
    """The class of one sample from the last layer's bias gradient, softmax less the target.

    It is the only entry below zero. bias_gradient: (classes,). Raises ValueError for other shapes,
    NaN or infinity, or without such an entry.
    Source: Zhao et al. 2020.
    """
    if bias_gradient.ndim != 1 or not len(bias_gradient):
        raise ValueError(f"the gradient must be (classes,), not {tuple(bias_gradient.shape)}")
    if not bias_gradient.isfinite().all() or bias_gradient.min() >= 0:
        raise ValueError("one entry of the gradient must be below zero, and all must be finite")
    return int(bias_gradient.argmin())


def invert_gradients(
    model: nn.Module,
    gradients: Mapping[str, Tensor],
    targets: Tensor,
    shape: tuple[int, ...],
    config: InversionConfig | None = None,
) -> Tensor:
    """Inputs in [0, 1], (n, *shape), whose gradients point where the given ones do.

    gradients: {parameter: its gradient} of the mean cross-entropy of n samples. targets: (n,),
    which an attacker has to know or guess. Searches from grey noise by Adam on the cosine distance.
    Raises ValueError where a gradient is missing, of another shape, or NaN.
    Source: Geiping et al. 2020.
    """
    config = config or InversionConfig()
    weights = {name: p.detach() for name, p in model.named_parameters()}
    for name, p in weights.items():
        if name not in gradients or gradients[name].shape != p.shape:
            raise ValueError(f"the gradient of {name} must be {tuple(p.shape)}")
        if gradients[name].isnan().any():
            raise ValueError(f"the gradient of {name} holds NaN")
    wanted = torch.cat([gradients[name].flatten() for name in weights])

    def loss(parameters: dict[str, Tensor], x: Tensor) -> Tensor:
        return F.cross_entropy(functional_call(model, parameters, (x,)), targets)

    generator = torch.Generator().manual_seed(config.seed)
    x = 0.5 + 0.1 * torch.randn(len(targets), *shape, generator=generator)
    x.requires_grad_()
    optimiser = torch.optim.Adam([x], lr=config.learning_rate)
    for step in range(config.steps):
        optimiser.param_groups[0]["lr"] = config.learning_rate * (1 - step / config.steps)
        optimiser.zero_grad()
        found = torch.cat([g.flatten() for g in grad(loss)(weights, x).values()])
        distance = 1 - F.cosine_similarity(found, wanted, dim=0)
        if config.smoothness:
            rough = x.diff(dim=-1).abs().mean() + x.diff(dim=-2).abs().mean()
            distance = distance + config.smoothness * rough
        distance.backward()
        optimiser.step()
        with torch.no_grad():
            x.clamp_(0, 1)
    return x.detach()

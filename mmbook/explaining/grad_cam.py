"""Where in a feature map a score comes from."""

from typing import Any

import torch
from torch import Tensor, nn

from mmbook.explaining.scores import checked_inputs, chosen
from mmbook.layers.modes import evaluating


def grad_cam(model: nn.Module, inputs: Tensor, target: Tensor | int, layer: nn.Module) -> Tensor:
    """Grad-CAM: channels of a feature map, weighed by their mean slope: (n, rows, columns), ≥ 0.

    layer: the part of the model whose output (n, channels, rows, columns) is the map. inputs,
    target: as in `gradient`. Raises ValueError as `gradient`, and where the layer does not belong
    to the model, does not run exactly once, or makes no map. Source: Selvaraju et al. 2017.
    Chapter `explainability`, eq. ex-cam.
    """
    if not any(part is layer for part in model.modules()):
        raise ValueError(f"the layer, a {type(layer).__name__}, is no part of the model")
    made: list[Any] = []
    hook = layer.register_forward_hook(lambda _part, _given, output: made.append(output))
    try:
        with torch.inference_mode(False), torch.enable_grad(), evaluating(model):
            x = checked_inputs(inputs).requires_grad_()
            score = chosen(model(x), target, len(x)).sum()
            features = _only_map(made, len(x))
            if not score.requires_grad:
                raise ValueError("the scores do not depend on the inputs: is a gradient cut off?")
            (slope,) = torch.autograd.grad(score, features, allow_unused=True)
    finally:
        hook.remove()
    if slope is None:
        raise ValueError("the scores do not depend on the layer's output")
    weights = slope.mean(dim=(2, 3), keepdim=True)  # (n, channels, 1, 1)
    return (weights * features).sum(dim=1).relu().detach()  # (n, rows, columns)


def _only_map(made: list[Any], count: int) -> Tensor:
    if len(made) != 1:
        raise ValueError(f"the layer must run once in the model, but ran {len(made)} times")
    shape = tuple(made[0].shape) if isinstance(made[0], Tensor) else type(made[0]).__name__
    if not isinstance(made[0], Tensor) or made[0].ndim != 4 or len(made[0]) != count:
        raise ValueError(
            f"the layer must make a map ({count}, channels, rows, columns), not {shape}"
        )
    return made[0]

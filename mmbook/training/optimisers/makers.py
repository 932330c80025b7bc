"""From a model and the settings of a run to its optimiser: what `fit` takes as `make_optimiser`."""

from collections.abc import Callable

import torch
from torch import nn
from torch.optim import Optimizer

from mmbook.training.config import TrainingConfig
from mmbook.training.optimisers.gradient_descent import SGD
from mmbook.training.optimisers.muon import Muon

MakeOptimiser = Callable[[nn.Module, TrainingConfig], Optimizer]


def trainable(model: nn.Module) -> list[nn.Parameter]:
    """The parameters that require a gradient; raises ValueError where there are none."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not parameters:
        raise ValueError(f"{type(model).__name__} has no parameter that requires a gradient")
    return parameters


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """The trainable parameters in two groups, of which only that of the matrices decays.

    Biases, gains and other vectors are few and set a scale or an offset: pulling them to zero
    does not make the model simpler. Raises ValueError where nothing is trainable.
    """
    parameters = trainable(model)
    return [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


def adamw(model: nn.Module, config: TrainingConfig) -> torch.optim.AdamW:
    """AdamW with weight decay on matrices only, in PyTorch's kernel that does all in one pass.

    `gradient_descent.AdamW` beside it takes the same steps. Raises ValueError where nothing is
    trainable. Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization.
    """
    groups = decay_groups(model, config.weight_decay)
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)


def sgd(
    model: nn.Module, config: TrainingConfig, momentum: float = 0.9, nesterov: bool = True
) -> SGD:
    """Gradient descent with momentum, and weight decay on matrices only.

    For another momentum: `functools.partial(sgd, momentum=0.95)`. Raises ValueError where nothing
    is trainable.
    """
    groups = decay_groups(model, config.weight_decay)
    return SGD(groups, config.learning_rate, momentum, nesterov)


def muon(model: nn.Module, config: TrainingConfig) -> Muon:
    """Muon for matrices and filters, AdamW for vectors and what embeds symbols.

    Raises ValueError where nothing is trainable.
    """
    parameters = trainable(model)
    tables = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    matrices = [p for p in parameters if p.ndim >= 2 and id(p) not in tables]
    chosen = {id(p) for p in matrices}
    others = [p for p in parameters if id(p) not in chosen]
    return Muon(matrices, others, config.learning_rate, weight_decay=config.weight_decay)

"""The optimiser and the schedule of its learning rate."""

import math

from torch import nn
from torch.optim import AdamW

from mmbook.training.config import TrainingConfig


def learning_rate_at(step: int, config: TrainingConfig) -> float:
    """The learning rate of a step (from 0): a linear warm-up, then half a cosine down to zero."""
    rising = round(config.warmup * config.steps)
    if step < rising:
        return config.learning_rate * (step + 1) / rising
    progress = (step - rising) / max(1, config.steps - rising)
    return config.learning_rate * (1 + math.cos(math.pi * min(progress, 1))) / 2


def adamw(model: nn.Module, config: TrainingConfig) -> AdamW:
    """AdamW over the trainable parameters, with weight decay on matrices only.

    Biases, gains and other vectors are few and set a scale or an offset: pulling them to zero
    does not make the model simpler. Raises ValueError where nothing is trainable.
    Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization.
    """
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError(f"{type(model).__name__} has no parameter that requires a gradient")
    groups = [
        {"params": [p for p in trainable if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in trainable if p.ndim < 2], "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=config.learning_rate, fused=True)

"""Small networks whose explanations are known in closed form, or can be computed another way."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Formula(nn.Module):
    """Scores (n, 1), or more, from a formula of the inputs."""

    def __init__(self, formula: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.formula = formula

    def forward(self, x: Tensor) -> Tensor:
        return self.formula(x)


def linear(classes: int = 3, size: int = 12) -> nn.Module:
    """A linear classifier of inputs of 3 x 4, in double precision."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(size, classes)).double()


class PooledNetwork(nn.Module):
    """Convolutions, the mean over places, a linear layer: what Grad-CAM's weights are exact for."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.features = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.Softplus())
        self.dropout = nn.Dropout(0.5)
        self.last = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.dropout(self.features(x).mean(dim=(2, 3))))


class Witnesses(nn.Module):
    """Senses of one number each; the score of class 0 is a formula of those that are present."""

    def __init__(self, formula: Callable[[dict[str, Tensor]], Tensor]) -> None:
        super().__init__()
        self.formula = formula

    def forward(self, inputs: dict[str, Tensor], present: dict[str, Tensor]) -> Tensor:
        shown = {m: x.where(present[m], torch.zeros_like(x)) for m, x in inputs.items()}
        score = self.formula(shown)
        return torch.stack([score, torch.zeros_like(score)], dim=1)


def smooth_network() -> PooledNetwork:
    """The same in double precision, in training mode, so that a method has to change it."""
    return PooledNetwork().double().train()


def pictures(count: int = 3) -> Tensor:
    """(n, 2, 8, 6), double."""
    return torch.randn(count, 2, 8, 6, generator=torch.Generator().manual_seed(2)).double()

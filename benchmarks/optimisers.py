"""The speed of the optimisers beside torch.optim's, which go over all parameters at once too."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from benchmarks.compare import compare
from mmbook.training import SGD, Adam, AdamW, Muon, RMSProp

PAIRS: dict[str, tuple[Callable[..., Optimizer], Callable[..., Optimizer]]] = {
    "SGD": (SGD, torch.optim.SGD),
    "Nesterov": (
        partial(SGD, momentum=0.9, nesterov=True),
        partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    ),
    "RMSProp": (RMSProp, torch.optim.RMSprop),
    "Adam": (Adam, torch.optim.Adam),
    "AdamW": (AdamW, torch.optim.AdamW),
}


def parameters(sizes: list[tuple[int, ...]]) -> list[nn.Parameter]:
    """Parameters of these shapes, with gradients."""
    made = [nn.Parameter(torch.randn(size)) for size in sizes]
    for parameter in made:
        parameter.grad = torch.randn_like(parameter)
    return made


def steps(make: Callable[..., Optimizer], sizes: list[tuple[int, ...]], **settings: Any):
    """Twenty steps over parameters of these shapes, as something to be timed."""
    optimiser = make(parameters(sizes), lr=1e-4, **settings)

    def run() -> None:
        for _ in range(20):
            optimiser.step()

    return run


def rules() -> None:
    """Each rule over a hundred small tensors, and over four large ones."""
    many = [(32, 32), (32,)] * 50
    large = [(512, 512)] * 4
    for name, (ours, reference) in PAIRS.items():
        for title, sizes in (("100 small tensors", many), ("4 of 512 × 512", large)):
            compare(
                f"{name}, 20 steps, {title} / foreach",
                steps(ours, sizes),
                steps(reference, sizes, foreach=True),
            )


def orthogonal_steps() -> None:
    """Muon over the matrices of a small network; torch's takes them one by one, too."""
    sizes: list[tuple[int, ...]] = [(128, 64)] * 6
    reference = partial(torch.optim.Muon, adjust_lr_fn="match_rms_adamw")
    compare("Muon, 20 steps, 6 of 128 × 64", steps(Muon, sizes), steps(reference, sizes))


BENCHMARKS = (rules, orthogonal_steps)

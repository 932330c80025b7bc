"""How often private classifiers are right, at several epsilons, without noise and without clip."""

import math
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.evaluation import Row, accuracy
from mmbook.experiments.privacy.config import PRICE, PrivacyExperiment
from mmbook.preprocessing.images.oriented_gradients import oriented_gradients
from mmbook.training import seed_everything
from mmbook.training.privacy import fit_privately, noise_for

PIXELS, ORIENTED = SYSTEMS = PRICE


def linear(width: int) -> nn.Sequential:
    """One linear layer that begins with zeros."""
    layer = nn.Linear(width, 10)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return nn.Sequential(layer)


def prepared(system: str, images: Tensor, cell: int) -> Tensor:
    """What a system reads of images: (n, features), each row of length 1."""
    if system == PIXELS:
        return F.normalize(images.flatten(1), dim=1)
    parts = [oriented_gradients(part, cell) for part in images.split(2_000)]
    return torch.cat(parts)


def measure(
    system: str, seed: int, config: PrivacyExperiment, train: Batch, test: Batch
) -> list[Row]:
    """Accuracy at each epsilon, and for comparison without noise, and without noise and clip."""
    inputs, asked = (
        prepared(system, samples.inputs["image"], config.accuracy.cell) for samples in (train, test)
    )
    settings = config.accuracy.pixels if system == PIXELS else config.accuracy.oriented
    rate = settings.rate(len(inputs))
    rows = []

    def trained(name: str, clip: float, noise: float, epsilon: float | None) -> None:
        seed_everything(seed)
        model, chosen = (
            linear(inputs.shape[1]),
            replace(settings, clip=clip, noise=noise, seed=seed),
        )
        if math.isinf(clip):  # steps as long as those of clipped gradients are at most
            chosen = replace(chosen, learning_rate=settings.learning_rate * settings.clip)
        history = fit_privately(model, inputs, train.target, replace(chosen, delta=config.delta))
        with torch.no_grad():
            found = accuracy(model(asked), test.target)
        rows.append(Row(name, "accuracy", seed, found, {"epsilon": epsilon}))
        if epsilon is not None:
            rows.append(Row(name, "epsilon_spent", seed, history.epsilon, {"epsilon": epsilon}))
            rows.append(Row(name, "noise", seed, noise, {"epsilon": epsilon}))

    for epsilon in config.epsilons:
        noise = noise_for(epsilon, config.delta, rate, settings.steps)
        trained(system, settings.clip, noise, epsilon)
    trained(system, settings.clip, 0.0, None)
    trained(f"{system}, not clipped", math.inf, 0.0, None)
    return rows

"""Who was in the training set? Many models on random halves of a pool, each attacked in turn."""

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.evaluation import Row
from mmbook.evaluation.attacks import (
    likelihood_ratio,
    logit_of_target,
    membership_advantage,
    true_positive_rate,
)
from mmbook.experiments.privacy.config import MembershipConfig, PrivacyExperiment
from mmbook.training import Adam, StackedModels, seed_everything
from mmbook.training.privacy import fit_privately, noise_for

BY_HEART, EARLY, PRIVATE = "by heart", "stopped early", "private"
ATTACKS = ("loss", "likelihood ratio")


def perceptron(pixels: int, hidden: int) -> nn.Sequential:
    """One hidden layer."""
    return nn.Sequential(nn.Flatten(), nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def random_halves(models: int, pool: int, generator: torch.Generator) -> Tensor:
    """Which samples of the pool each model is trained on, (models, pool) boolean, half a row."""
    order = torch.rand(models, pool, generator=generator).argsort(dim=1)
    return order < pool // 2


def fit_many(
    images: Tensor, labels: Tensor, members: Tensor, steps: int, config: MembershipConfig
) -> list[nn.Module]:
    """A model for each row of `members`, trained side by side on all of its samples a step."""
    pixels = images[0].numel()
    models = [perceptron(pixels, config.hidden) for _ in members]
    stack = StackedModels(models)
    own = torch.stack([images[row] for row in members])  # (models, pool / 2, 1, rows, columns)
    targets = torch.stack([labels[row] for row in members])
    optimiser = Adam(stack.parameters(), lr=config.learning_rate)
    for _ in range(steps):
        optimiser.zero_grad()
        scores = stack(own)  # (models, pool / 2, 10)
        losses = F.cross_entropy(scores.flatten(0, 1), targets.flatten(), reduction="sum")
        (losses / targets.shape[1]).backward()
        optimiser.step()
    for place, model in enumerate(models):
        model.load_state_dict(stack.weights_of(place))
    return [model.eval() for model in models]


def measure(seed: int, config: PrivacyExperiment, train: Batch, test: Batch) -> list[Row]:
    """Both attacks on networks that fit by heart, that stopped early, and that train privately."""
    ours = config.membership
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randperm(len(train), generator=generator)[: ours.pool]
    images, labels = train.inputs["image"][rows], train.target[rows]
    members = random_halves(ours.models, ours.pool, generator)
    found: list[Row] = []
    for system, steps in ((BY_HEART, ours.steps), (EARLY, ours.early)):
        seed_everything(seed)
        models = fit_many(images, labels, members, steps, ours)
        found += attacked(system, seed, models, images, labels, members, test, ours, {})
    for epsilon in ours.epsilons:
        rate = ours.private.rate(ours.pool // 2)
        noise = noise_for(epsilon, config.delta, rate, ours.private.steps)
        settings = replace(ours.private, noise=noise, delta=config.delta)
        models = []
        seed_everything(seed)
        for place, row in enumerate(members):
            model = perceptron(images[0].numel(), ours.hidden)
            own = replace(settings, seed=1_000 * seed + place)
            fit_privately(model, images[row], labels[row], own)
            models.append(model)
        at = {"epsilon": epsilon}
        found += attacked(PRIVATE, seed, models, images, labels, members, test, ours, at)
    return found


def attacked(
    system: str,
    seed: int,
    models: list[nn.Module],
    images: Tensor,
    labels: Tensor,
    members: Tensor,
    test: Batch,
    config: MembershipConfig,
    condition: dict[str, float],
) -> list[Row]:
    """Accuracy and what each attack finds, means over the models; the others are its shadows."""
    with torch.no_grad():
        scores = torch.stack([model(images) for model in models])  # (models, pool, 10)
        unseen = torch.stack([model(test.inputs["image"]) for model in models])
    right = scores.argmax(dim=2) == labels
    logits = torch.stack([logit_of_target(each, labels) for each in scores])
    measured: dict[tuple[str, str], list[float]] = {}
    for place in range(len(models)):
        rest = torch.arange(len(models)) != place
        ratio = likelihood_ratio(logits[place], logits[rest], members[rest])
        cut = best_threshold(logits[rest].flatten(), members[rest].flatten())
        for attack, score, threshold in zip(
            ATTACKS, (logits[place], ratio), (cut, 0.0), strict=True
        ):
            for metric, value in (
                ("advantage", membership_advantage(score, members[place], threshold)),
                ("found", true_positive_rate(score, members[place], config.rate)),
            ):
                measured.setdefault((attack, metric), []).append(value)
    rows = [
        Row(
            system,
            "accuracy",
            seed,
            float((unseen.argmax(2) == test.target).float().mean()),
            condition,
        ),
        Row(system, "training_accuracy", seed, float(right[members].float().mean()), condition),
    ]
    for (attack, metric), values in measured.items():
        mean = sum(values) / len(values)
        rows.append(Row(system, metric, seed, mean, {**condition, "attack": attack}))
    return rows


def best_threshold(scores: Tensor, members: Tensor) -> float:
    """The threshold with the largest advantage on shadow models, whose members are known."""
    order = scores.argsort(descending=True)
    inside = members[order].double()
    gain = inside.cumsum(0) / inside.sum() - (1 - inside).cumsum(0) / (1 - inside).sum()
    place = min(int(gain.argmax()), len(order) - 2)
    return float((scores[order[place]] + scores[order[place + 1]]) / 2)

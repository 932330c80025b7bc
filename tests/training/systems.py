"""Small systems with losses that count differently, for the tests of many processes."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from mmbook.batch import Batch, Padded
from mmbook.losses import (
    IGNORED,
    Loss,
    contrastive,
    cross_entropy,
    discriminator_loss,
    generator_loss,
    sigmoid_contrastive,
)
from mmbook.training import (
    ExponentialMovingAverage,
    Generated,
    Objective,
    TrainingConfig,
    fit,
    is_main,
    rank,
    seed_everything,
    world_size,
)
from mmbook.training.hardware.distribution import join_processes, whole
from tests.training.runs import After, kill

CONFIG = TrainingConfig(
    steps=3,
    batch_size=13,
    learning_rate=0.1,
    warmup=0.0,
    clip_norm=1e9,
    device="cpu",
    precision="float32",
)


class Recorded(torch.optim.SGD):
    """Gradient descent that keeps the gradients of its first step."""

    seen: list[Tensor | None] | None = None

    def step(self, closure: Any = None) -> Any:
        if self.seen is None:
            (group,) = self.param_groups
            self.seen = [None if p.grad is None else p.grad.clone() for p in group["params"]]
        return super().step(closure)


class Recorder:
    """Makes such optimisers, and keeps them."""

    def __init__(self) -> None:
        self.made: list[Recorded] = []

    def __call__(self, module: nn.Module, config: TrainingConfig) -> Recorded:
        self.made.append(Recorded(module.parameters(), config.learning_rate, weight_decay=0.1))
        return self.made[-1]


# Classes: four points in the plane; a layer that a batch needs now and then.
CENTRES = torch.tensor([[2.0, 2.0], [-2.0, 2.0], [-2.0, -2.0], [2.0, -2.0]])


def points(generator: Generator, count: int) -> Batch:
    """Points (count, 2) around four centres, and which one."""
    which = torch.randint(4, (count,), generator=generator)
    noise = torch.randn(count, 2, generator=generator)
    return Batch({"point": CENTRES[which] + 0.3 * noise}, {"label": which})


class Sometimes(nn.Module):
    """Scores of points; one layer reads those far to the right, and one nothing at all."""

    def __init__(self) -> None:
        super().__init__()
        self.scores, self.right, self.never = (nn.Linear(2, 4) for _ in range(3))

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        points = inputs["point"]
        scores, far = self.scores(points), points[:, :1] > 2.6
        return torch.where(far, scores + self.right(points), scores) if far.any() else scores


# Language: count up modulo 5 in rows of uneven length, of which a prompt does not count.
def counting(generator: Generator, count: int) -> Batch:
    """Rows (count, up to 9) that count on, and what follows; the first of each is given."""
    lengths = torch.randint(2, 10, (count,), generator=generator).tolist()
    starts = torch.randint(5, (count,), generator=generator).tolist()
    rows = [(first + torch.arange(n + 1)) % 5 for first, n in zip(starts, lengths, strict=True)]
    follows = Padded.of([row[1:] for row in rows], IGNORED).values.clone()
    follows[:, 0] = IGNORED
    return Batch({"text": Padded.of([row[:-1] for row in rows])}, {"next": follows})


class Counter(nn.Module):
    """Scores of the next number from this one and the place."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.places, self.out = nn.Embedding(5, 8), nn.Embedding(9, 8), nn.Linear(8, 5)

    def forward(self, inputs: dict[str, Padded]) -> Tensor:
        ids = inputs["text"].filled()
        return self.out(torch.tanh(self.tokens(ids) + self.places.weight[: ids.shape[1]]))


def language_loss(model: nn.Module, batch: Batch) -> Loss:
    """Of the tokens that count."""
    scores = model(batch.inputs)
    return cross_entropy(scores, batch.target[:, : scores.shape[1]])


# Pairs: a point and the one-hot vector of its centre.
class Pairs(nn.Module):
    """Vectors of both halves and how sharply they are compared."""

    def __init__(self) -> None:
        super().__init__()
        self.point, self.name = nn.Linear(2, 6), nn.Embedding(4, 6)
        self.log_scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        return self.point(batch.inputs["point"]), self.name(batch.target)


class RarePairs(Pairs):
    """The same, with a layer that few points need, as large as DDP sends at a time."""

    def __init__(self) -> None:
        super().__init__()
        large = nn.Parameter(torch.zeros(300_000))
        self.large = nn.ParameterDict({"large": large})  # so that there are two messages
        rare, scale = nn.Parameter(torch.zeros(300_000, 2)), nn.Parameter(torch.tensor(1.0))
        self.last = nn.ParameterDict({"scale": scale, "rare": rare})  # sent first, and together

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        first, second = super().forward(batch)
        points = batch.inputs["point"]
        far = points[:, :1] > 2.6
        if far.any():
            first = torch.where(far, first + points @ self.last["rare"].T[:, :6], first)
        return first + self.large["large"].sum(), second


def pair_loss(model: nn.Module, batch: Batch) -> Loss:
    """Of finding the partner."""
    return contrastive(*model(batch), model.log_scale.exp())


def hard_pair_loss(model: nn.Module, batch: Batch) -> Loss:
    """The same, with the next name in the list as a hard negative for each point that is right."""
    right = batch.inputs["point"][:, 0] > 0  # another number in each process
    hard = model.name((batch.target[right] + 1) % 4)
    return contrastive(*model(batch), model.log_scale.exp(), hard)


def sigmoid_pair_loss(model: nn.Module, batch: Batch) -> Loss:
    """Of saying of every combination whether it is a pair."""
    return sigmoid_contrastive(*model(batch), model.log_scale.exp(), -5.0)


def rare_pair_loss(model: nn.Module, batch: Batch) -> Loss:
    """The same, with the scale that is sent together with the rare layer."""
    return contrastive(*model(batch), model.last["scale"])


# A generative adversarial network of points.
class Adversaries(nn.Module):
    """A generator from noise and class to points, and what tells them from real ones."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(6, 32), nn.SiLU(), nn.Linear(32, 2))
        self.discriminator = nn.Sequential(
            nn.Linear(6, 32), nn.SiLU(), nn.Dropout(dropout), nn.Linear(32, 1)
        )

    def made(self, batch: Batch) -> Tensor:
        """Points of the batch's classes, drawn from the batch's own noise."""
        return self.generator(torch.cat([batch.inputs["noise"], one_hot(batch)], dim=1))

    def judged(self, batch: Batch, points: Tensor) -> Tensor:
        """How real they look."""
        return self.discriminator(torch.cat([points, one_hot(batch)], dim=1))


def one_hot(batch: Batch) -> Tensor:
    """(n, 4) of the batch's classes."""
    return nn.functional.one_hot(batch.target, 4).float()


def noisy_points(generator: Generator, count: int) -> Batch:
    """Points, and noise (count, 2) to make others from."""
    found = points(generator, count)
    noise = torch.randn(count, 2, generator=generator)
    return Batch({**found.inputs, "noise": noise}, found.targets)


def judge_loss(model: Adversaries, batch: Batch) -> Loss:
    """The discriminator's."""
    with torch.no_grad():
        made = model.made(batch)
    return discriminator_loss(model.judged(batch, batch.inputs["point"]), model.judged(batch, made))


def make_loss(model: Adversaries, batch: Batch) -> Loss:
    """The generator's."""
    return generator_loss(model.judged(batch, model.made(batch)))


def adam(module: nn.Module, config: TrainingConfig) -> torch.optim.Adam:
    """Adam with the little memory that adversaries need."""
    return torch.optim.Adam(module.parameters(), lr=config.learning_rate, betas=(0.5, 0.99))


def adversaries(optimiser: Any = adam) -> tuple[Objective, Objective]:
    """The discriminator's objective and the generator's."""
    return (
        Objective(judge_loss, optimiser, "discriminator"),
        Objective(make_loss, optimiser, "generator"),
    )


SYSTEMS: dict[str, tuple[Callable[[], nn.Module], Callable[..., Batch], Callable[[Any], Any]]] = {
    "classes": (Sometimes, points, lambda optimiser: Objective(optimiser=optimiser)),
    "language": (Counter, counting, lambda optimiser: Objective(language_loss, optimiser)),
    "pairs": (Pairs, points, lambda optimiser: Objective(pair_loss, optimiser)),
    "hard pairs": (Pairs, points, lambda optimiser: Objective(hard_pair_loss, optimiser)),
    "sigmoid pairs": (Pairs, points, lambda optimiser: Objective(sigmoid_pair_loss, optimiser)),
    "rare pairs": (RarePairs, points, lambda optimiser: Objective(rare_pair_loss, optimiser)),
    "in turn": (Adversaries, noisy_points, lambda optimiser: list(adversaries(optimiser))),
    "at once": (Adversaries, noisy_points, lambda optimiser: adversaries(optimiser)),
}


def train_all(folder: Path, accumulate: int = 1) -> None:
    """Trains each system for three steps and writes what came of it to a file, by rank."""
    found = {}
    for name, (make, sample, objectives) in SYSTEMS.items():
        if "pairs" in name and accumulate > 1:
            continue  # fewer others to be told from: another loss
        seed_everything(0)
        model, recorder = make(), Recorder()
        config = dataclasses.replace(CONFIG, accumulate=accumulate)
        stream = Generated(sample, config.batch_size, seed=1)
        history = fit(model, stream, config, objectives(recorder), progress=False)
        found[name] = {
            "losses": history.objective_losses,
            "gradients": [g for optimiser in recorder.made for g in optimiser.seen or []],
            "weights": list(model.state_dict().values()),
        }
    torch.save(found, folder / f"{rank()}.pt")


def train_adversaries(folder: Path, deadline: int) -> None:
    """Trains a GAN with dropout and an average, with a checkpoint; dies after a step, or never."""
    seed_everything(0)
    model, average = Adversaries(dropout=0.2), ExponentialMovingAverage(0.9)
    torch.rand(deadline + 1)  # the generator's state must not matter
    config = dataclasses.replace(
        CONFIG, steps=20, clip_norm=1.0, batch_size=24, checkpoint_every=5, accumulate=2
    )
    data = noisy_points(Generator().manual_seed(0), 50)
    hooks = [average, After(deadline, kill)]
    path = folder / "run.checkpoint"
    history = fit(
        model, data, config, list(adversaries()), hooks=hooks, checkpoint=path, progress=False
    )
    if is_main():
        state = {"model": model.state_dict(), "average": average.average}
        torch.save({**state, "losses": history.objective_losses}, folder / "result.pt")


class Layers(nn.Module):
    """Two layers from points to scores."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(2, 16), nn.Linear(16, 4)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.second(self.first(inputs["point"]).relu())


def train_layers(folder: Path, sharded: bool, accumulate: int) -> None:
    """Trains two layers, of which each process holds a part; writes losses and weights."""
    seed_everything(0)
    model, config = Layers(), dataclasses.replace(CONFIG, accumulate=accumulate, clip_norm=0.5)
    if sharded:
        join_processes(torch.device("cpu"))
        mesh = init_device_mesh("cpu", (world_size(),))
        for part in (model.first, model.second, model):
            fully_shard(part, mesh=mesh)
        try:
            fit(model, points(Generator(), 20), config, checkpoint=folder / "run")
        except ValueError as error:
            assert "sharded" in str(error)
    stream = Generated(points, config.batch_size, seed=1)
    losses = fit(model, stream, config, progress=False).losses
    weights = [whole(p.detach()) for p in model.parameters()]
    if is_main():
        assert not (folder / "run").exists()
        torch.save({"losses": losses, "weights": weights}, folder / "result.pt")

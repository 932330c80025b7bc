"""The one small network, and how it learns: from labels, from other pictures, from two views."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.losses.contrastive import contrastive
from mmbook.preprocessing.images.policy import Augmentation
from mmbook.training import seed_everything

WIDTH = 64  # of the features


@dataclass(frozen=True, eq=False)
class Samples:
    """Pictures (n, 1, side, side) and their labels (n,), true or not."""

    images: Tensor
    labels: Tensor

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """So many of them at random, with replacement: there may be fewer."""
        rows = torch.randint(len(self.labels), (count,), generator=generator)
        return self.images[rows], self.labels[rows]


def features(side: int) -> nn.Sequential:
    """(n, 1, side, side) to (n, WIDTH): two convolutions, each of which halves the sides."""
    end = -(-side // 4)
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(32 * end**2, WIDTH), nn.ReLU()),
    )


def classifier(side: int, classes: int = 10) -> nn.Sequential:
    """Features, and one linear layer on them."""
    return nn.Sequential(features(side), nn.Linear(WIDTH, classes))


def changed(images: Tensor, augmentation: Augmentation | None) -> Tensor:
    """The pictures, by chance others."""
    if augmentation is None:
        return images
    return augmentation(Batch({"image": images}, {})).inputs["image"]


@dataclass(frozen=True)
class Training:
    """steps of Adam, whose rate falls to 0 along a line; seed: of batches and changes."""

    steps: int
    batch_size: int
    learning_rate: float
    seed: int
    augmentation: Augmentation | None = None


def fit(model: nn.Module, sets: list[Samples], training: Training) -> None:
    """Train in place: every step draws a batch of each set, and each sample weighs the same."""
    generator = torch.Generator().manual_seed(training.seed)
    seed_everything(training.seed)
    optimiser, schedule = _optimiser(model, training)
    model.train()
    for _ in range(training.steps):
        drawn = [part.draw(training.batch_size, generator) for part in sets]
        images, labels = (torch.cat(parts) for parts in zip(*drawn, strict=True))
        loss = F.cross_entropy(model(changed(images, training.augmentation)), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    model.eval()


def fit_views(trunk: nn.Module, images: Tensor, training: Training, scale: float) -> None:
    """Train features in place to tell, of each picture, which other view is of the same one."""
    generator = torch.Generator().manual_seed(training.seed)
    seed_everything(training.seed)
    model = nn.Sequential(trunk, nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 32))
    optimiser, schedule = _optimiser(model, training)
    for _ in range(training.steps):
        rows = torch.randint(len(images), (training.batch_size,), generator=generator)
        first, second = (model(changed(images[rows], training.augmentation)) for _ in range(2))
        loss = contrastive(first, second, scale).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def _optimiser(
    model: nn.Module, training: Training
) -> tuple[torch.optim.Adam, torch.optim.lr_scheduler.LambdaLR]:
    optimiser = torch.optim.Adam(model.parameters(), lr=training.learning_rate)
    falling = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda n: 1 - n / training.steps)
    return optimiser, falling


@torch.no_grad()
def scores(model: nn.Module, images: Tensor) -> Tensor:
    """What the model says, (n, classes), some at a time: large batches do not fit the cache."""
    return torch.cat([model(part) for part in images.split(500)])

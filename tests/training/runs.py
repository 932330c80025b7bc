"""Small runs for the tests; started by `main` in processes of their own."""

import dataclasses
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mmbook.batch import Batch
from mmbook.training import TrainingConfig, fit, rank, save_weights, seed_everything

CONFIG = TrainingConfig(
    steps=23, batch_size=15, learning_rate=1e-2, device="cpu", precision="float32"
)


def separable(count: int = 50, seed: int = 0) -> Batch:
    """Points (count, 4) whose class is the largest of their first three coordinates."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(count, 4, generator=generator)
    return Batch({"point": points}, points[:, :3].argmax(dim=1))


class Classifier(nn.Module):
    """Two layers for all points, and one more for the few whose last coordinate is large."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 16), nn.Linear(16, 3)
        self.dropout = nn.Dropout(dropout)
        self.sometimes = nn.Linear(4, 3)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        points = inputs["point"]
        scores = self.second(self.dropout(self.first(points).relu()))
        far = points[:, 3] > 1
        if far.any():
            scores = torch.where(far[:, None], scores + self.sometimes(points), scores)
        return scores


def classifier(dropout: float = 0.0) -> Classifier:
    """A classifier whose first weights are the same in every process."""
    seed_everything(7)
    return Classifier(dropout)


class Killer:
    """A loss that kills the process the moment its step comes."""

    def __init__(self, step: int) -> None:
        self.left = step

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return cross_entropy(outputs, targets)


def kill_while_writing(number: int) -> None:
    """Makes the process die in place of moving its checkpoint number `number` (from 1)."""
    replace, calls = os.replace, []

    def dying(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)

    os.replace = dying  # type: ignore[assignment]


def main(folder: Path, every: int, dropout: float, when: str, number: int) -> None:
    """Trains with a checkpoint in a folder; each process writes its weights and losses there.

    The process kills itself in step `number` ("step"), between writing checkpoint `number` and
    moving it to its place ("writing"), or "never".
    """
    torch.set_num_threads(1)
    config = dataclasses.replace(CONFIG, checkpoint_every=every)
    if when == "writing":
        kill_while_writing(number)
    loss = Killer(number) if when == "step" else cross_entropy
    model, path = classifier(dropout), folder / "run.checkpoint"
    history = fit(model, separable(), config, loss=loss, checkpoint=path, progress=False)
    save_weights(folder / f"{rank()}.safetensors", model, {})
    (folder / f"{rank()}.json").write_text(json.dumps(history.losses))


def main_of_many(environment: dict[str, str], *arguments: Any) -> None:
    """`main` in a process that is told, as torchrun would, which one of many it is."""
    os.environ.update(environment)
    main(*arguments)


if __name__ == "__main__":  # by torchrun
    main(Path(sys.argv[1]), every=0, dropout=0.0, when="never", number=0)

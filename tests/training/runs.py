"""Small runs for the tests; started by `main` in processes of their own."""

import dataclasses
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.training import TrainingConfig, fit, rank, save_weights, seed_everything

CONFIG = TrainingConfig(
    steps=23, batch_size=15, learning_rate=1e-2, device="cpu", precision="float32"
)


def separable(count: int = 50, seed: int = 0) -> Batch:
    """Points (count, 4) whose class is the largest of their first three coordinates."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(count, 4, generator=generator)
    return Batch({"point": points}, {"label": points[:, :3].argmax(dim=1)})


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


class After:
    """A hook that does something after one step, and keeps nothing."""

    def __init__(self, step: int, action: Callable[[], bool | None]) -> None:
        self.step, self.action = step, action

    def after(self, step: int, model: nn.Module) -> bool | None:
        return self.action() if step == self.step else None

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        assert not state


def kill() -> None:
    """Ends this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_while_writing(number: int) -> None:
    """Makes the process die in place of moving its checkpoint number `number` (from 1)."""
    replace, calls = os.replace, []

    def dying(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == number:
            kill()
        replace(source, target)

    os.replace = dying  # type: ignore[assignment]


def main(folder: Path, every: int, dropout: float, when: str, number: int) -> None:
    """Trains with a checkpoint in a folder; each process writes its weights and losses there.

    The process kills itself after step `number` ("step"), between writing checkpoint `number` and
    moving it to its place ("writing"), or "never".
    """
    torch.set_num_threads(1)
    config = dataclasses.replace(CONFIG, checkpoint_every=every)
    if when == "writing":
        kill_while_writing(number)
    hooks = [After(number, kill)] if when == "step" else []
    model, path = classifier(dropout), folder / "run.checkpoint"
    history = fit(model, separable(), config, hooks=hooks, checkpoint=path, progress=False)
    save_weights(folder / f"{rank()}.safetensors", model, {})
    (folder / f"{rank()}.json").write_text(json.dumps(history.losses))


if __name__ == "__main__":  # by torchrun
    main(Path(sys.argv[1]), every=0, dropout=0.0, when="never", number=0)

"""Weights are read again only where training would give the very same."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.experiments import trained as module
from mmbook.experiments.trained import trained
from mmbook.losses import cross_entropy
from mmbook.training import CheckpointError, Objective, TrainingConfig, supervised
from mmbook.training.optimisers.makers import sgd

CONFIG = TrainingConfig(steps=2, batch_size=4, device="cpu")


class Scores(nn.Module):
    """A linear classifier of one input, always with the same first weights."""

    def __init__(self, hidden: float = 0.0) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.dropout = nn.Dropout(hidden)
        with torch.no_grad():
            self.linear.weight.fill_(0.1)
            self.linear.bias.zero_()

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.linear(self.dropout(inputs["x"]))


@dataclass(frozen=True)
class Shift:
    """Adds a constant to what is trained on."""

    by: float

    def __call__(self, samples: Batch) -> Batch:
        return Batch({"x": samples.inputs["x"] + self.by}, samples.targets)


def samples(seed: int = 0) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    return Batch({"x": torch.randn(8, 3, generator=generator)}, {"label": torch.arange(8) % 2})


def weights(folder: Path, **changes: Any) -> Tensor:
    """The weights that `trained` gives in a folder, in evaluation mode."""
    settings = {"model": Scores(), "samples": samples(), "config": CONFIG, **changes}
    seconds = trained(**settings, folder=folder, name="scores")
    model = settings["model"]
    assert seconds > 0 and not model.training
    return model.linear.weight.detach()


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, training is an error."""

    def fit(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    return lambda: monkeypatch.setattr(module, "fit", fit)


def test_the_same_run_reads_its_weights(tmp_path: Path, no_training: Callable[[], None]) -> None:
    first = weights(tmp_path)
    assert [p.suffix for p in tmp_path.iterdir()] == [".safetensors"]  # no checkpoint is left
    no_training()
    assert weights(tmp_path).equal(first)
    # what does not change what is learned does not count
    assert weights(tmp_path, config=replace(CONFIG, checkpoint_every=1)).equal(first)


def test_the_same_options_are_told_by_what_they_do(
    tmp_path: Path, no_training: Callable[[], None]
) -> None:
    def options(smoothing: float = 0.1, by: float = 1.0) -> dict[str, Any]:
        loss = partial(cross_entropy, label_smoothing=smoothing)
        return {"objectives": Objective(supervised(loss), sgd), "augment": Shift(by)}

    first = weights(tmp_path, **options())
    other = weights(tmp_path, **options(smoothing=0.2)), weights(tmp_path, **options(by=2.0))
    no_training()
    assert weights(tmp_path, **options()).equal(first)
    assert not any(first.equal(weight) for weight in other)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": Scores(hidden=0.5)},
        {"config": replace(CONFIG, steps=3)},
        {"config": replace(CONFIG, seed=1)},
        {"samples": samples(seed=1)},
        {"objectives": Objective(supervised(partial(cross_entropy, label_smoothing=0.1)))},
        {"objectives": Objective(optimiser=sgd)},
        {"augment": Shift(1.0)},
    ],
    ids=["model", "steps", "seed", "samples", "loss", "optimiser", "augmentation"],
)
def test_another_run_trains_from_its_own_start(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Neither the finished weights of another run nor a step from them."""
    weights(tmp_path / "used")
    fresh = deepcopy(changes)  # a model is trained in place
    again = weights(tmp_path / "used", **changes)
    assert again.equal(weights(tmp_path / "fresh", **fresh))


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    weights(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"cut short")
    with pytest.raises(CheckpointError, match=file.name):
        weights(tmp_path)

"""Runs in processes of their own: killed and taken up again, and shared between two."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmbook.batch import Batch
from mmbook.losses import Loss
from mmbook.training import CheckpointError, Objective, TrainingConfig, fit, seed_everything
from tests.training.processes import start
from tests.training.runs import CONFIG, classifier, main, separable

RUNS = Path(__file__).parents[1] / "runs.py"
ROOT = Path(__file__).parents[3]


def run(
    folder: Path,
    *,
    processes: int = 1,
    every: int = 5,
    dropout: float = 0.3,
    when: str = "never",
    number: int = 0,
) -> list[int | None]:
    """Runs `main` in so many processes, and gives the exit code of each."""
    return start(processes, main, folder, every, dropout, when, number)


def results(folder: Path, process: int = 0) -> tuple[list[float], bytes]:
    losses = json.loads((folder / f"{process}.json").read_text())
    return losses, (folder / f"{process}.safetensors").read_bytes()


@pytest.fixture(scope="module", params=[1, 2], ids=["alone", "two processes"])
def unbroken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("unbroken")
    assert run(folder, every=0, processes=request.param) == [0] * request.param
    return request.param, results(folder)


@pytest.mark.parametrize(("when", "number"), [("step", 3), ("step", 22), ("writing", 3)])
def test_a_killed_run_goes_on_to_the_same_weights(
    tmp_path: Path, unbroken: Any, when: str, number: int
) -> None:
    processes, (losses, weights) = unbroken
    assert -signal.SIGKILL in run(tmp_path, processes=processes, when=when, number=number)
    assert not (tmp_path / "0.json").exists()
    assert run(tmp_path, processes=processes) == [0] * processes
    for process in range(processes):
        assert results(tmp_path, process) == (losses, weights)
    assert len(losses) == CONFIG.steps
    names = {
        path.name for path in tmp_path.iterdir() if path.suffix not in (".json", ".safetensors")
    }
    assert names == {"run.checkpoint"}


def run_here(path: Path, config: TrainingConfig = CONFIG, samples: Batch | None = None) -> list:
    samples = separable() if samples is None else samples
    return fit(classifier(), samples, config, checkpoint=path, progress=False).losses


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    path, model = tmp_path / "run", classifier()
    first = fit(model, separable(), CONFIG, checkpoint=path, progress=False)
    fresh = classifier()
    again = fit(fresh, separable(), CONFIG, checkpoint=path, progress=False)
    assert again.losses == first.losses
    for a, b in zip(model.parameters(), fresh.parameters(), strict=True):
        assert torch.equal(a, b)


def test_another_configuration_model_or_samples_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run"
    run_here(path)
    with pytest.raises(CheckpointError, match="another configuration and optimiser;"):
        run_here(path, dataclasses.replace(CONFIG, learning_rate=1e-3))
    with pytest.raises(CheckpointError, match="another data;"):
        run_here(path, samples=separable(seed=1))
    with pytest.raises(CheckpointError, match="another model and first weights;"):
        wider = torch.nn.Sequential(classifier(), torch.nn.Linear(3, 3))
        fit(wider, separable(), CONFIG, checkpoint=path, progress=False)
    run_here(path, dataclasses.replace(CONFIG, checkpoint_every=3))


def test_a_cut_off_checkpoint_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "run"
    run_here(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"run is not a whole checkpoint.*delete it"):
        run_here(path)


def test_torchrun_trains_in_two_processes_as_in_one(tmp_path: Path) -> None:
    # 15 samples a batch: shares of 8 and 7, and now and then one process alone uses a layer.
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    assert run(one, dropout=0.0) == [0]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [*torchrun, "--nproc-per-node=2", str(RUNS), str(two)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    losses, weights = results(two)
    assert results(two, process=1) == (losses, weights)
    assert losses == pytest.approx(results(one)[0], abs=1e-5)


def test_more_processes_than_samples_in_a_batch_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "16")
    with pytest.raises(ValueError, match=r"batch_size 15 .* use at least 16"):
        fit(classifier(), separable(), CONFIG, progress=False)


class Scaled(nn.Module):
    """A classifier times a number that neither its weights nor its name show."""

    def __init__(self, times: float, seed: int = 7) -> None:
        super().__init__()
        seed_everything(seed)
        self.inner, self.times = nn.Linear(4, 3), times

    def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        return self.times * self.inner(inputs["point"])


def test_what_neither_weights_nor_names_show_is_part_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "run.ckpt"
    fit(Scaled(1.0), separable(), CONFIG, checkpoint=path, progress=False)
    fit(Scaled(1.0), separable(), CONFIG, checkpoint=path, progress=False)  # the same goes on
    frozen = Scaled(1.0)
    frozen.inner.bias.requires_grad_(False)
    for other in (Scaled(2.0), Scaled(1.0, seed=8), frozen):
        with pytest.raises(CheckpointError, match="of a run with another"):
            fit(other, separable(), CONFIG, checkpoint=path, progress=False)


CLASS_WEIGHTS = torch.tensor([1.0, 1.0, 2.0])


def weighted(model: nn.Module, batch: Batch) -> Loss:
    """A loss that names a tensor of its module."""
    loss = F.cross_entropy(model(batch.inputs), batch.target, CLASS_WEIGHTS, reduction="sum")
    return Loss(loss, len(batch))


def test_a_changed_tensor_that_a_loss_names_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.ckpt"
    for _ in range(2):  # the same goes on
        fit(classifier(), separable(), CONFIG, Objective(weighted), checkpoint=path, progress=False)
    monkeypatch.setattr(sys.modules[__name__], "CLASS_WEIGHTS", torch.ones(3))
    with pytest.raises(CheckpointError, match="of a run with another loss"):
        fit(classifier(), separable(), CONFIG, Objective(weighted), checkpoint=path, progress=False)

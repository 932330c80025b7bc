"""What changes the batches of a training, by chance, and the same chance again."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from mmbook.batch import Batch
from mmbook.training import TrainingConfig, fit, seed_everything
from tests.training.runs import CONFIG, After, Classifier, separable


def noisy(samples: Batch) -> Batch:
    points = samples.inputs["point"]
    return Batch({"point": points + 0.3 * torch.randn_like(points)}, samples.targets)


def trained(
    augment=None, checkpoint: Path | None = None, config: TrainingConfig = CONFIG, hooks=()
) -> torch.Tensor:
    seed_everything(0)
    model = Classifier()
    options = {"augment": augment, "checkpoint": checkpoint, "hooks": hooks, "progress": False}
    fit(model, separable(), config, **options)
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_the_model_sees_what_augment_returns() -> None:
    seen, given = [], []

    def replace(samples: Batch) -> Batch:
        given.append(samples)
        return Batch({"point": torch.full_like(samples.inputs["point"], 7.0)}, samples.targets)

    class Spy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 3)

        def forward(self, inputs):
            seen.append(inputs["point"])
            return self.linear(inputs["point"])

    fit(Spy(), separable(), CONFIG, augment=replace, progress=False)
    assert len(given) == len(seen) == CONFIG.steps
    assert all(batch.eq(7).all() for batch in seen)
    assert [len(batch) for batch in given] == [CONFIG.batch_size] * CONFIG.steps
    assert separable().inputs["point"].equal(separable().inputs["point"])  # samples stay


def test_chance_follows_from_the_seed_and_the_step() -> None:
    assert trained(noisy).equal(trained(noisy))
    assert not trained(noisy).equal(trained())


def test_an_interrupted_run_draws_the_same_again(tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    often = replace(CONFIG, checkpoint_every=5)
    with pytest.raises(KeyboardInterrupt):
        trained(noisy, tmp_path / "run.ckpt", often, hooks=[After(11, stop)])
    assert trained(noisy, tmp_path / "run.ckpt", often).equal(trained(noisy))

"""A network and the mean of its weights: against a plain loop, saved, resumed, and settled."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mmbook.training import (
    Averaged,
    Objective,
    TrainingConfig,
    adamw,
    averaging,
    estimating_statistics,
    fit,
)
from tests.training.runs import CONFIG, After, Classifier, classifier, separable

AVERAGING = Objective(optimiser=partial(averaging, adamw))


def test_the_mean_is_that_of_all_states_and_follows_closely_at_first() -> None:
    states: list[dict[str, Tensor]] = []
    model = Averaged(classifier(), decay=0.8)
    first = {name: value.clone() for name, value in model.network.state_dict().items()}

    class Copies(After):
        def after(self, step: int, model: nn.Module) -> None:
            states.append({n: x.clone() for n, x in model.network.state_dict().items()})

    fit(model, separable(), CONFIG, AVERAGING, hooks=[Copies(0, lambda: None)], progress=False)
    expected = first
    for step, state in enumerate(states):
        keep = min(0.8, (1 + step) / (10 + step))
        expected = {n: keep * expected[n] + (1 - keep) * value for n, value in state.items()}
    assert len(states) == CONFIG.steps == int(model.steps)
    for name, value in model.mean.state_dict().items():
        torch.testing.assert_close(value, expected[name])
        assert not value.equal(states[-1][name])


def test_called_it_is_the_network_and_only_that_learns() -> None:
    model, inputs = Averaged(classifier()), separable().inputs
    before = model(inputs)
    fit(model, separable(), CONFIG, progress=False)  # nothing takes the mean
    assert model.mean(inputs).equal(before) and not model(inputs).equal(before)
    assert not any(p.requires_grad or p.grad is not None for p in model.mean.parameters())


def test_an_interrupted_run_goes_on_with_its_mean(tmp_path: Path) -> None:
    config = replace(CONFIG, checkpoint_every=5)

    def run(path: Path, *hooks: After) -> Averaged:
        model = Averaged(classifier(), 0.9)
        options = {"hooks": hooks, "checkpoint": path, "progress": False}
        fit(model, separable(), config, AVERAGING, **options)
        return model

    def stop() -> None:
        raise KeyboardInterrupt

    whole = run(tmp_path / "whole").state_dict()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "broken", After(12, stop))
    resumed = run(tmp_path / "broken").state_dict()
    assert all(resumed[name].equal(value) for name, value in whole.items())


def test_what_has_no_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="Averaged has a mean to move, not a Classifier"):
        averaging(adamw, Classifier(), TrainingConfig())
    with pytest.raises(ValueError, match="decay"):
        Averaged(classifier(), decay=1.0)


def test_statistics_are_the_plain_mean_of_what_passes() -> None:
    norm, dropout = nn.BatchNorm1d(3), nn.Dropout(0.5)
    network = nn.Sequential(norm, dropout).eval()
    norm.running_mean.fill_(7.0)
    batches = 2 + 3 * torch.randn(5, 20, 3)
    with estimating_statistics(network):
        assert not dropout.training
        for batch in batches:
            assert not network(batch).requires_grad
    assert not norm.training and norm.momentum == 0.1
    torch.testing.assert_close(norm.running_mean, batches.mean(dim=(0, 1)))
    torch.testing.assert_close(norm.running_var, batches.var(dim=1).mean(dim=0))


def test_everything_is_as_before_after_an_error() -> None:
    norm = nn.BatchNorm1d(3, momentum=0.3).train()
    with pytest.raises(KeyError), estimating_statistics(norm):
        raise KeyError
    assert norm.training and norm.momentum == 0.3

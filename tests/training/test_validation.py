import dataclasses
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from mmbook.batch import Batch
from mmbook.training import CheckpointError, History, TrainingConfig, Validation, fit
from tests.training.runs import CONFIG, After, classifier, separable

HELD_OUT = separable(40, seed=1)


def mislabelled(count: int = 24) -> Batch:
    """Few samples with labels of chance: learning them by heart harms on others."""
    samples = separable(count)
    generator = torch.Generator().manual_seed(3)
    return Batch(samples.inputs, {"label": torch.randint(0, 3, (count,), generator=generator)})


LONG = TrainingConfig(
    steps=200, batch_size=24, learning_rate=0.05, warmup=0.0, device="cpu", precision="float32"
)


def run(validation: Validation | None, config: TrainingConfig = LONG, **options) -> History:
    return fit(
        options.pop("model", None) or classifier(0.2),
        mislabelled(),
        config,
        validation=validation,
        progress=False,
        **options,
    )


def loss_of(model: nn.Module, samples: Batch) -> float:
    with torch.no_grad():
        return cross_entropy(model(samples.inputs), samples.target).item()


def test_measuring_changes_nothing_but_the_weights_at_the_end() -> None:
    plain, watched = classifier(0.2), classifier(0.2)
    alone = run(None, model=plain)
    history = run(Validation(HELD_OUT, every=10), model=watched)
    assert history.losses == alone.losses
    assert alone.validation_losses == {}
    assert list(history.validation_losses) == list(range(10, 201, 10))
    best = history.validation_losses[history.best_step]
    assert best == min(history.validation_losses.values())
    assert loss_of(watched, HELD_OUT) == pytest.approx(best, abs=1e-6)
    assert loss_of(plain, HELD_OUT) == pytest.approx(history.validation_losses[200], abs=1e-6)
    assert loss_of(plain, HELD_OUT) > 1.5 * best


def test_it_stops_when_patience_is_over_and_not_before() -> None:
    history = run(Validation(HELD_OUT, every=5, patience=3))
    measured = list(history.validation_losses.values())
    assert len(history.losses) == history.best_step + 3 * 5 < LONG.steps
    assert measured.index(min(measured)) == len(measured) - 4
    unlimited = run(Validation(HELD_OUT, every=5))
    assert len(unlimited.losses) == LONG.steps
    assert history.losses == unlimited.losses[: len(history.losses)]


def test_the_last_batch_counts_by_its_size() -> None:
    whole = run(Validation(HELD_OUT, every=50, batch_size=40)).validation_losses
    pieces = run(Validation(HELD_OUT, every=50, batch_size=27)).validation_losses
    assert list(whole.values()) == pytest.approx(list(pieces.values()), abs=1e-6)


class Interrupted(Exception):
    """What stands for a power cut."""


@pytest.mark.parametrize("cut", [3, 11, 17])
def test_a_run_that_was_cut_goes_on_to_the_same_best_weights(tmp_path: Path, cut: int) -> None:
    validation = Validation(HELD_OUT, every=5, patience=3)
    config = dataclasses.replace(LONG, checkpoint_every=4)
    unbroken = classifier(0.2)
    expected = run(validation, config, model=unbroken)
    assert len(expected.losses) > cut + 1

    def interrupt() -> None:
        raise Interrupted

    path = tmp_path / "run"
    with pytest.raises(Interrupted):
        run(validation, config, hooks=[After(cut, interrupt)], checkpoint=path)
    resumed = classifier(0.2)
    history = run(validation, config, model=resumed, checkpoint=path)
    assert history.losses == expected.losses
    assert history.validation_losses == expected.validation_losses
    for a, b in zip(unbroken.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(a, b)
    finished = classifier(0.2)  # a run that stopped early is finished, too
    assert run(validation, config, model=finished, checkpoint=path).losses == expected.losses
    assert all(
        torch.equal(a, b) for a, b in zip(unbroken.parameters(), finished.parameters(), strict=True)
    )


def test_another_validation_or_schedule_is_refused(tmp_path: Path) -> None:
    path, config = tmp_path / "run", CONFIG
    run(Validation(HELD_OUT, every=5), config, checkpoint=path)
    with pytest.raises(CheckpointError, match="another validation;"):
        run(None, config, checkpoint=path)
    with pytest.raises(CheckpointError, match="another validation;"):
        run(Validation(HELD_OUT, every=6), config, checkpoint=path)
    with pytest.raises(CheckpointError, match="another validation;"):
        run(Validation(separable(40, seed=2), every=5), config, checkpoint=path)
    with pytest.raises(CheckpointError, match="another schedule;"):
        run(
            Validation(HELD_OUT, every=5),
            config,
            schedule=lambda progress: 1 - progress,
            checkpoint=path,
        )


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        Validation(separable(0))
    with pytest.raises(ValueError, match="every must be a whole number from 1"):
        Validation(HELD_OUT, every=0)
    with pytest.raises(ValueError, match="patience must be a whole number from 0"):
        Validation(HELD_OUT, patience=-1)

"""Several objectives, parts of a model, micro-batches, hooks, and what a run is known by."""

import dataclasses
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.losses import Loss, cross_entropy
from mmbook.training import (
    CheckpointError,
    ExponentialMovingAverage,
    Generated,
    Objective,
    TrainingConfig,
    Validation,
    adamw,
    fit,
    linear,
    sgd,
    supervised,
)
from tests.training.processes import start
from tests.training.runs import CONFIG, After, classifier, separable
from tests.training.systems import (
    CENTRES,
    Adversaries,
    adversaries,
    noisy_points,
    train_adversaries,
)
from tests.training.systems import CONFIG as SHORT
from tests.training.systems import Recorder as Recorded


def weights(model: nn.Module) -> Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def plain(module: nn.Module, config: TrainingConfig) -> torch.optim.SGD:
    return torch.optim.SGD(module.parameters(), lr=config.learning_rate)


def still(module: nn.Module, config: TrainingConfig) -> torch.optim.SGD:
    return torch.optim.SGD(module.parameters(), lr=0.0)


def one_step(objectives: Any) -> Adversaries:
    torch.manual_seed(0)
    model = Adversaries()
    config = dataclasses.replace(SHORT, steps=1)
    fit(model, Generated(noisy_points, 8), config, objectives, progress=False)
    return model


def test_turns_see_what_those_before_learned_and_tuples_move_at_once() -> None:
    judge, make = adversaries(plain)
    in_turn, at_once = one_step([judge, make]), one_step((judge, make))
    maker_alone = one_step([dataclasses.replace(judge, optimiser=still), make])
    assert weights(at_once.generator).equal(weights(maker_alone.generator))
    assert not weights(in_turn.generator).equal(weights(at_once.generator))
    assert weights(in_turn.discriminator).equal(weights(at_once.discriminator))
    assert weights(one_step([(judge, make)])).equal(weights(at_once))


@pytest.mark.parametrize("number", [0, 1])
def test_an_objective_moves_its_part_alone(number: int) -> None:
    objective = adversaries(plain)[number]
    torch.manual_seed(0)
    before, after = Adversaries(), one_step(objective)
    moved = [
        not weights(part).equal(weights(other))
        for part, other in zip(before.children(), after.children(), strict=True)
    ]
    assert moved == [objective.part == "generator", objective.part == "discriminator"]
    assert all(p.requires_grad and p.grad is None for p in after.parameters())


def test_objectives_that_make_no_sense_are_refused() -> None:
    judge, make = adversaries()
    with pytest.raises(ValueError, match=r"no part 'judge'; there are \['generator', 'discrim"):
        one_step(dataclasses.replace(judge, part="judge"))
    with pytest.raises(ValueError, match="must not share weights"):
        one_step((judge, dataclasses.replace(make, part="")))
    with pytest.raises(ValueError, match="no objective"):
        one_step([])
    with pytest.raises(ValueError, match="a total and a count, not a Tensor"):
        fit(classifier(), separable(), CONFIG, Objective(supervised(F.cross_entropy)))


def test_losses_of_every_objective_are_kept() -> None:
    torch.manual_seed(0)
    data = Generated(noisy_points, 8)
    history = fit(Adversaries(), data, SHORT, list(adversaries()), progress=False)
    judge, make = history.objective_losses
    assert history.losses == judge and len(judge) == len(make) == SHORT.steps
    assert judge != make


def test_adversaries_learn_the_points_with_an_average() -> None:
    torch.manual_seed(0)
    model, average = Adversaries(), ExponentialMovingAverage(0.99)
    config = dataclasses.replace(SHORT, steps=600, batch_size=64, learning_rate=5e-3)
    data = Generated(noisy_points, 64)
    fit(model, data, config, list(adversaries()), hooks=[average], progress=False)
    model.load_state_dict(average.average)
    batch = noisy_points(torch.Generator().manual_seed(1), 800)
    made = model.made(batch).detach()
    found = torch.stack([made[batch.target == label].mean(0) for label in range(4)])
    assert (found - CENTRES).norm(dim=1).max() < 0.7


def test_micro_batches_change_nothing_but_the_memory() -> None:
    def trained(accumulate: int) -> tuple[Tensor, list[float]]:
        model, config = classifier(), dataclasses.replace(CONFIG, accumulate=accumulate)
        losses = fit(model, uneven, config, Objective(optimiser=sgd), progress=False).losses
        return weights(model), losses

    samples = separable()
    label = samples.target.clone()
    label[::3] = -100  # so that the micro-batches, of equal sizes, count different numbers
    uneven = Batch(samples.inputs, {"label": label})
    (whole, losses), (pieces, same) = trained(1), trained(4)
    torch.testing.assert_close(whole, pieces, atol=1e-6, rtol=1e-6)
    assert losses == pytest.approx(same, abs=1e-6)
    with pytest.raises(ValueError, match=r"batch_size 15 .* use at least 16"):
        trained(16)


def test_a_first_micro_batch_that_counts_nothing_is_no_division_by_zero() -> None:
    samples = separable(16)
    labels = samples.target.clone()

    def nothing_first(generator: torch.Generator, count: int) -> Batch:
        return Batch(samples.inputs, {"label": labels.index_fill(0, torch.arange(8), -100)})

    config = dataclasses.replace(CONFIG, steps=1, accumulate=2)
    pieces, whole = classifier(), classifier()
    for model, settings in ((pieces, config), (whole, dataclasses.replace(config, accumulate=1))):
        fit(model, Generated(nothing_first, 16), settings, progress=False)
    torch.testing.assert_close(weights(pieces), weights(whole))

    def nothing(generator: torch.Generator, count: int) -> Batch:
        return Batch(samples.inputs, {"label": torch.full((16,), -100)})

    for accumulate in (1, 2):
        with pytest.raises(FloatingPointError, match="loss of step 0 is nan"):
            settings = dataclasses.replace(config, accumulate=accumulate)
            fit(classifier(), Generated(nothing, 16), settings, progress=False)


class Rates:
    """A hook that notes the learning rates of an optimiser's groups."""

    def __init__(self) -> None:
        self.found: list[list[float]] = []
        self.optimiser: torch.optim.Optimizer | None = None

    def make(self, module: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
        """An optimiser of two groups with rates of their own."""
        first, *others = module.parameters()
        groups = [{"params": [first], "lr": 0.5}, {"params": others}]
        self.optimiser = torch.optim.SGD(groups, lr=0.1)
        return self.optimiser

    def after(self, step: int, model: nn.Module) -> None:
        assert self.optimiser is not None
        self.found.append([group["lr"] for group in self.optimiser.param_groups])

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        assert not state


def test_every_group_has_its_own_rate_also_after_a_break(tmp_path: Path) -> None:
    config = dataclasses.replace(CONFIG, steps=4, warmup=0.0, checkpoint_every=2)
    expected = [[0.5, 0.1], [0.375, 0.075], [0.25, 0.05], [0.125, 0.025]]

    def rates(*others: Any, checkpoint: Path | None = None) -> list[list[float]]:
        noted = Rates()
        objective, hooks = Objective(optimiser=noted.make), [noted, *others]
        options = {"schedule": linear, "hooks": hooks, "checkpoint": checkpoint}
        fit(classifier(), separable(), config, objective, progress=False, **options)
        return noted.found

    def stop() -> None:
        raise KeyboardInterrupt

    assert rates() == [pytest.approx(row) for row in expected]
    with pytest.raises(KeyboardInterrupt):
        rates(After(2, stop), checkpoint=tmp_path / "run")
    assert rates(checkpoint=tmp_path / "run") == [pytest.approx(row) for row in expected[2:]]


def test_a_hook_ends_the_run_and_it_stays_ended(tmp_path: Path) -> None:
    def run() -> int:
        hooks, path = [After(3, lambda: True)], tmp_path / "run"
        history = fit(
            classifier(), separable(), CONFIG, hooks=hooks, checkpoint=path, progress=False
        )
        return len(history.losses)

    assert run() == 4
    assert run() == 4


def test_the_average_is_that_of_all_states() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.out = nn.BatchNorm1d(4), nn.Linear(4, 3)

        def forward(self, inputs: dict[str, Tensor]) -> Tensor:
            return self.out(self.norm(inputs["point"]))

    class Copies(After):
        def after(self, step: int, model: nn.Module) -> None:
            states.append({name: x.clone() for name, x in model.state_dict().items()})

    states: list[dict[str, Tensor]] = []
    average = ExponentialMovingAverage(0.8)
    hooks = [average, Copies(0, lambda: None)]
    fit(Counting(), separable(), CONFIG, hooks=hooks, progress=False)
    expected = states[0]
    for state in states[1:]:
        for name, value in state.items():
            mean = 0.8 * expected[name] + 0.2 * value
            expected[name] = mean if value.is_floating_point() else value
    assert len(states) == CONFIG.steps and int(average.average["norm.num_batches_tracked"]) == 23
    for name, value in average.average.items():
        torch.testing.assert_close(value, expected[name])
    with pytest.raises(ValueError, match="decay"):
        ExponentialMovingAverage(1.0)


@pytest.mark.parametrize("processes", [1, 2])
def test_killed_adversaries_go_on_bit_for_bit_with_their_average(
    tmp_path: Path, processes: int
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    assert start(processes, train_adversaries, whole, 99) == [0] * processes
    assert -signal.SIGKILL in start(processes, train_adversaries, broken, 12)
    assert not (broken / "result.pt").exists()
    assert start(processes, train_adversaries, broken, 98) == [0] * processes
    expected, found = (torch.load(folder / "result.pt") for folder in (whole, broken))
    assert found["losses"] == expected["losses"]
    for part in ("model", "average"):
        assert all(found[part][name].equal(x) for name, x in expected[part].items())
    assert not found["average"]["generator.0.weight"].equal(found["model"]["generator.0.weight"])


def noisy(samples: Batch, by: float = 0.1) -> Batch:
    points = samples.inputs["point"]
    return Batch({"point": points + by * torch.randn_like(points)}, samples.targets)


def smoothed(amount: float) -> Objective:
    return Objective(supervised(partial(cross_entropy, label_smoothing=amount)))


def closed(amount: float) -> Objective:
    def loss(outputs: Tensor, targets: Tensor) -> Loss:
        return cross_entropy(outputs, targets, label_smoothing=amount)

    return Objective(supervised(loss))


def fast(module: nn.Module, config: TrainingConfig, beta: float = 0.9) -> torch.optim.Adam:
    return torch.optim.Adam(module.parameters(), lr=1e-3, betas=(beta, 0.99))


def of(objective: Objective) -> dict[str, Any]:
    return {"objectives": objective}


EARLY = Validation(separable(20, seed=1), every=5)
OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "smoothing": (of(smoothed(0.1)), of(smoothed(0.2)), "loss"),
    "closure": (of(closed(0.1)), of(closed(0.2)), "loss"),
    "default": ({}, of(smoothed(0.1)), "loss"),
    "momentum": (
        of(Objective(optimiser=partial(sgd, momentum=0.9))),
        of(Objective(optimiser=partial(sgd, momentum=0.0))),
        "optimiser",
    ),
    "kind": (of(Objective(optimiser=adamw)), of(Objective(optimiser=sgd)), "optimiser"),
    "beta": (
        of(Objective(optimiser=fast)),
        of(Objective(optimiser=partial(fast, beta=0.8))),
        "optimiser",
    ),
    "part": (of(Objective(part="first")), of(Objective(part="second")), "part"),
    "augmentation": ({}, {"augment": noisy}, "augmentation"),
    "noise": ({"augment": noisy}, {"augment": partial(noisy, by=0.2)}, "augmentation"),
    "hook": ({}, {"hooks": [ExponentialMovingAverage()]}, "hooks"),
    "validation": (
        {"validation": EARLY},
        {"validation": dataclasses.replace(EARLY, loss=supervised(cross_entropy))},
        "validation",
    ),
    "accumulation": (
        {},
        {"config": dataclasses.replace(CONFIG, accumulate=2)},
        "configuration",
    ),
    "dropout": ({"model": 0.1}, {"model": 0.2}, "model"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_run_is_refused_and_the_same_goes_on(tmp_path: Path, name: str) -> None:
    def run(model: float = 0.0, config: TrainingConfig = CONFIG, **options: Any) -> list[float]:
        path = tmp_path / "run"
        options = {**options, "checkpoint": path, "progress": False}
        return fit(classifier(model), separable(), config, **options).losses

    first, second, word = OTHERS[name]
    losses = run(**first)
    with pytest.raises(CheckpointError, match=f"another {word};"):
        run(**second)
    assert run(**first) == losses


def test_an_average_of_another_decay_is_refused(tmp_path: Path) -> None:
    def run(decay: float) -> None:
        hooks, path = [ExponentialMovingAverage(decay)], tmp_path / "run"
        fit(classifier(), separable(), CONFIG, hooks=hooks, checkpoint=path, progress=False)

    run(0.9)
    with pytest.raises(CheckpointError, match=r"decay of 0\.9"):
        run(0.8)


def test_what_cannot_be_described_is_refused_only_where_a_run_is_saved(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)

    def drawn(samples: Batch) -> Batch:
        points = samples.inputs["point"]
        noise = torch.randn(points.shape, generator=generator)
        return Batch({"point": points + noise}, samples.targets)

    fit(classifier(), separable(), CONFIG, augment=drawn, progress=False)
    with pytest.raises(ValueError, match="Generator cannot be described"):
        path = tmp_path / "run"
        fit(classifier(), separable(), CONFIG, augment=drawn, checkpoint=path, progress=False)


def nan_gradient(step: int, bad: Callable[[Loss], Tensor]) -> Objective:
    """A loss that is finite, but whose gradient is not, in one step."""
    calls = []

    def loss(outputs: Tensor, targets: Tensor) -> Loss:
        calls.append(1)
        found = cross_entropy(outputs, targets)
        return Loss(bad(found) if len(calls) == step + 1 else found.total, found.count)

    return Objective(supervised(loss))


def root_of_zero(found: Loss) -> Tensor:
    return found.total + ((found.total - found.total.detach()) ** 2).sqrt()


@pytest.mark.parametrize("step", [0, 4, 22])
def test_a_gradient_that_is_not_finite_stops_the_run_and_names_its_step(step: int) -> None:
    with pytest.raises(FloatingPointError, match=f"gradient of step {step} has a length of nan"):
        fit(classifier(), separable(), CONFIG, nan_gradient(step, root_of_zero), progress=False)


def test_a_gradient_too_long_to_be_measured_stops_the_run() -> None:
    huge = nan_gradient(0, lambda found: found.total * 1e20)
    with pytest.raises(FloatingPointError, match="gradient of step 0 has a length of inf"):
        fit(classifier(), separable(), CONFIG, huge, progress=False)


def test_float16_skips_a_step_and_gives_up_where_it_skips_them_all() -> None:
    config = dataclasses.replace(CONFIG, precision="float16", steps=60)
    fit(classifier(), separable(), config, nan_gradient(30, root_of_zero), progress=False)

    def never(outputs: Tensor, targets: Tensor) -> Loss:
        found = cross_entropy(outputs, targets)
        return Loss(root_of_zero(found), found.count)

    with pytest.raises(FloatingPointError, match="gradient of step 19"):
        fit(classifier(), separable(), config, Objective(supervised(never)), progress=False)


def test_float16_starts_at_once_with_a_large_batch() -> None:
    samples, config = separable(5_000), dataclasses.replace(CONFIG, steps=1, precision="float16")
    model, recorder = classifier(), Recorded()
    config = dataclasses.replace(config, batch_size=5_000)
    fit(model, samples, config, Objective(optimiser=recorder), progress=False)
    assert recorder.made[0].seen is not None  # a sum of gradients would be out of range: skipped


def test_a_validation_loss_that_is_not_finite_names_the_step() -> None:
    points = separable(20).inputs["point"].clone()
    points[3] = torch.nan
    spoiled = Batch({"point": points}, separable(20).targets)
    with pytest.raises(FloatingPointError, match="validation loss after step 4 is nan"):
        validation = Validation(spoiled, every=5)
        fit(classifier(), separable(), CONFIG, validation=validation, progress=False)


def test_validation_counts_what_its_loss_counts() -> None:
    samples = separable(40, seed=1)
    label = samples.target.clone()
    label[:17] = -100
    uneven = Batch(samples.inputs, {"label": label})

    def losses(size: int) -> list[float]:
        validation = Validation(uneven, every=10, batch_size=size)
        history = fit(classifier(), separable(), CONFIG, validation=validation, progress=False)
        return list(history.validation_losses.values())

    assert losses(7) == pytest.approx(losses(40), abs=1e-6)

import dataclasses
import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.batch import Batch
from mmbook.evaluation import predict
from mmbook.losses import Loss, cross_entropy
from mmbook.training import (
    CheckpointError,
    Objective,
    TrainingConfig,
    Validation,
    adamw,
    batch_order,
    fit,
    learning_rate_at,
    supervised,
)
from mmbook.training.randomness import derived_seed, seed_everything
from tests.training.runs import CONFIG, After, Classifier, classifier, separable


def changed(**settings: object) -> TrainingConfig:
    return dataclasses.replace(CONFIG, **settings)  # type: ignore[arg-type]


def train(config: TrainingConfig = CONFIG, dropout: float = 0.0) -> tuple[nn.Module, list[float]]:
    model = classifier(dropout)
    return model, fit(model, separable(), config, progress=False).losses


def test_it_learns_a_separable_problem() -> None:
    model, samples = classifier(), separable(600)
    config = changed(steps=300, batch_size=64)
    history = fit(model, samples, config, progress=False)
    assert len(history.losses) == len(history.learning_rates) == 300
    assert history.seconds > 0
    assert history.steps_per_second == pytest.approx(300 / history.seconds)
    unseen = separable(400, seed=1)
    assert (model(unseen.inputs).argmax(dim=1) == unseen.target).float().mean() > 0.9
    assert not model.training


def test_the_first_losses_are_those_of_the_batches_and_the_update_is_adamw() -> None:
    samples, config = separable(), changed(steps=3, batch_size=50, warmup=0.0, weight_decay=0.5)
    trained, losses = train(config)
    model = classifier()
    matrices = [p for p in model.parameters() if p.ndim == 2]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    optimiser = torch.optim.AdamW(
        [{"params": vectors, "weight_decay": 0.0}, {"params": matrices}], weight_decay=0.5
    )
    for step in range(3):
        batch = samples[next(batch_order(50, 50, config.seed, start=step))]
        value = F.cross_entropy(model(batch.inputs), batch.target)
        assert losses[step] == pytest.approx(value.item(), abs=1e-5)
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate_at(step, config)
        optimiser.step()
    for ours, reference in zip(trained.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours, reference, atol=1e-5, rtol=0)


def test_weights_and_losses_are_those_of_a_plain_loop_bit_for_bit() -> None:
    trained, losses = train(dropout=0.3)
    model, samples = classifier(0.3).train(), separable()
    optimiser, order, found = adamw(model, CONFIG), batch_order(50, 15, CONFIG.seed), []
    for step in range(CONFIG.steps):
        seed_everything(derived_seed("step", CONFIG.seed, step, 0))
        batch = samples[next(order)]
        value = F.cross_entropy(model(batch.inputs), batch.target)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CONFIG.clip_norm)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate_at(step, CONFIG)
        optimiser.step()
        optimiser.zero_grad()
        found.append(value.item())
    assert found == losses
    for ours, plain in zip(trained.parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, plain)


def test_the_same_seed_gives_the_same_run_and_another_one_does_not() -> None:
    torch.manual_seed(1)
    first, losses = train(dropout=0.5)
    torch.manual_seed(2)  # what the generators held before has no say
    second, again = train(dropout=0.5)
    assert losses == again
    assert all(
        torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)
    )
    assert train(changed(seed=1), dropout=0.5)[1] != losses


def test_gradients_are_clipped() -> None:
    labels = torch.zeros(8, dtype=torch.long)
    samples = Batch({"point": torch.full((8, 4), 100.0)}, {"label": labels})
    config = changed(steps=1, batch_size=8, warmup=0.0, learning_rate=1.0, clip_norm=0.5)

    def descent(model: nn.Module, config: TrainingConfig) -> torch.optim.SGD:
        return torch.optim.SGD(model.parameters(), lr=config.learning_rate)

    def moved(config: TrainingConfig) -> float:
        model = classifier()
        before = nn.utils.parameters_to_vector(model.parameters()).detach()
        fit(model, samples, config, Objective(optimiser=descent), progress=False)
        return (nn.utils.parameters_to_vector(model.parameters()) - before).norm().item()

    assert moved(config) == pytest.approx(0.5, rel=1e-3)
    assert moved(dataclasses.replace(config, clip_norm=1e9)) > 10


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_mixed_precision_computes_in_half_and_keeps_full_weights(precision: str) -> None:
    kinds = set()

    def loss(outputs: Tensor, targets: Tensor) -> Loss:
        kinds.add(outputs.dtype)
        return cross_entropy(outputs, targets)

    model, config = classifier(), changed(steps=150, precision=precision)
    history = fit(model, separable(), config, Objective(supervised(loss)), progress=False)
    assert kinds == {getattr(torch, precision)}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert history.losses[-1] < history.losses[0] / 2


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("step", [0, 4, 22])
def test_a_loss_that_is_not_finite_stops_the_run_and_names_its_step(bad: float, step: int) -> None:
    calls = []

    def loss(outputs: Tensor, targets: Tensor) -> Loss:
        calls.append(1)
        found = cross_entropy(outputs, targets)
        return Loss(found.total + (bad if len(calls) == step + 1 else 0.0), found.count)

    with pytest.raises(FloatingPointError, match=f"step {step} is {bad}"):
        fit(classifier(), separable(), CONFIG, Objective(supervised(loss)), progress=False)


def test_nothing_to_train_on_or_nothing_to_train_is_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        fit(classifier(), separable(0), CONFIG, progress=False)
    with pytest.raises(ValueError, match="no parameter"):
        fit(classifier().requires_grad_(False), separable(), CONFIG, progress=False)


def test_frozen_parameters_stay() -> None:
    model = classifier()
    model.first.requires_grad_(False)
    before = model.first.weight.clone()
    fit(model, separable(), changed(weight_decay=1.0), progress=False)
    assert torch.equal(model.first.weight, before)


def test_the_bar_shows_step_loss_and_rate_and_can_be_off(capsys: pytest.CaptureFixture) -> None:
    train()
    assert capsys.readouterr() == ("", "")
    fit(classifier(), separable(), CONFIG)
    shown = capsys.readouterr().err
    assert "23/23" in shown and "loss=" in shown and "lr=" in shown


def test_gradients_from_before_have_no_say() -> None:
    fresh, used = classifier(), classifier()
    samples = separable()
    (1e3 * F.cross_entropy(used(samples.inputs), samples.target)).backward()
    for model in (fresh, used):
        fit(model, samples, CONFIG, progress=False)
    for ours, other in zip(fresh.parameters(), used.parameters(), strict=True):
        assert torch.equal(ours, other)


def test_samples_that_lack_a_sense_train_the_rest(tmp_path: Path) -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Linear(2, 16), nn.Linear(2, 16)
            self.out = nn.Sequential(nn.ReLU(), nn.Linear(32, 3))

        def forward(self, inputs: dict[str, Tensor], present: dict[str, Tensor]) -> Tensor:
            here = present["right"][:, None]
            right = self.right(inputs["right"].masked_fill(~here, 0)) * here
            return self.out(torch.cat([self.left(inputs["left"]), right], dim=1))

    points, labels = separable(400).inputs["point"], separable(400).target
    here = torch.rand(400, generator=torch.Generator().manual_seed(0)) < 0.7
    right = points[:, 2:].masked_fill(~here[:, None], torch.nan)
    samples = Batch({"left": points[:, :2], "right": right}, {"label": labels}, {"right": here})
    config = changed(steps=300, batch_size=64)
    seed_everything(0)
    model, validation = Two(), Validation(samples, every=100)
    options = {"validation": validation, "checkpoint": tmp_path / "run", "progress": False}
    fit(model, samples, config, **options)
    answers = predict(model, samples).argmax(dim=1) == labels
    assert answers[here].float().mean() > 0.9
    assert answers[~here].float().mean() > 0.6
    complete = Batch(samples.inputs, samples.targets, {"right": torch.ones(400).bool()})
    seed_everything(0)
    with pytest.raises(CheckpointError, match="another data"):
        fit(Two(), complete, config, **options)


@pytest.mark.parametrize("change", [{"learning_rate": 1e300}, {"weight_decay": 1e300}])
def test_weights_that_the_last_step_made_infinite_are_named(change: dict[str, float]) -> None:
    config = dataclasses.replace(CONFIG, steps=1, warmup=0.0, **change)
    with pytest.raises(FloatingPointError, match="after 1 steps"):
        fit(classifier(), separable(), config, progress=False)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"data": [separable()]}, "data must be a Batch"),
        ({"data": {"label": torch.zeros(3)}}, "data must be a Batch"),
        ({"objectives": cross_entropy}, "objectives must be"),
        ({"objectives": [cross_entropy]}, "objectives must be"),
        ({"hooks": [print]}, "a hook needs"),
    ],
)
def test_what_cannot_be_trained_on_or_with_is_named(wrong: dict, message: str) -> None:
    given = {"data": separable(), "objectives": Objective(), **wrong}
    with pytest.raises(ValueError, match=message):
        fit(classifier(), config=CONFIG, progress=False, **given)


def test_a_checkpoint_may_be_named_by_a_string(tmp_path: Path) -> None:
    fit(classifier(), separable(), CONFIG, checkpoint=str(tmp_path / "run"), progress=False)
    assert (tmp_path / "run").is_file()


class Evaluates(After):
    """A hook that looks at the model in evaluation mode and leaves it so."""

    def __init__(self) -> None:
        super().__init__(0, lambda: None)

    def after(self, step: int, model: nn.Module) -> None:
        model.eval()


def test_each_step_trains_whatever_mode_a_hook_or_an_augmentation_leaves() -> None:
    def evaluating(batch: Batch) -> Batch:
        disturbed.eval()
        return batch

    expected, losses = train(dropout=0.3)
    for hooks, augment in (([Evaluates()], None), ([], evaluating)):
        disturbed = classifier(0.3)
        history = fit(disturbed, separable(), CONFIG, hooks=hooks, augment=augment, progress=False)
        assert history.losses == losses
        for one, other in zip(disturbed.parameters(), expected.parameters(), strict=True):
            assert one.equal(other)


def test_a_part_that_a_model_keeps_in_evaluation_mode_stays_so() -> None:
    class Kept(Classifier):
        def train(self, mode: bool = True) -> "Kept":
            super().train(mode)
            self.dropout.eval()
            return self

    seed_everything(7)
    model, (_, losses) = Kept(dropout=0.3), train()
    assert fit(model, separable(), CONFIG, hooks=[Evaluates()], progress=False).losses == losses


def test_a_run_with_a_hook_that_evaluates_goes_on_as_without_a_break(tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    _, losses = train(dropout=0.3)
    config, path = changed(checkpoint_every=5), tmp_path / "run.ckpt"
    with pytest.raises(KeyboardInterrupt):
        hooks = [Evaluates(), After(12, interrupt)]
        fit(classifier(0.3), separable(), config, hooks=hooks, checkpoint=path, progress=False)
    again = fit(
        classifier(0.3), separable(), config, hooks=[Evaluates()], checkpoint=path, progress=False
    )
    assert again.losses == losses

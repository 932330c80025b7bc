import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.training import (
    LinearCooldown,
    Schedule,
    StepDecay,
    TrainingConfig,
    constant,
    cosine,
    fit,
    learning_rate_at,
    linear,
)
from tests.training.runs import classifier, separable

SCHEDULES: list[Schedule] = [constant, linear, cosine, StepDecay(), LinearCooldown()]


def rates(schedule: Schedule, config: TrainingConfig) -> list[float]:
    return [learning_rate_at(step, config, schedule) for step in range(config.steps)]


def test_the_rate_rises_in_a_line_and_falls_along_a_cosine_unless_told_otherwise() -> None:
    config = TrainingConfig(steps=100, warmup=0.2, learning_rate=0.4)
    rates = [learning_rate_at(step, config) for step in range(101)]
    assert rates[0] == pytest.approx(0.4 / 20)
    assert rates[9] == pytest.approx(0.4 / 2)
    assert rates[19] == rates[20] == pytest.approx(0.4)
    assert rates[40] == pytest.approx(0.2 * (1 + math.cos(math.pi / 4)))
    assert rates[60] == pytest.approx(0.2)
    assert rates[100] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    "schedule", SCHEDULES, ids=["constant", "linear", "cosine", "steps", "late decay"]
)
@given(steps=st.integers(1, 300), warmup=st.floats(0, 1))
def test_the_rate_is_never_above_its_peak_and_has_one_summit(
    schedule: Schedule, steps: int, warmup: float
) -> None:
    found = rates(schedule, TrainingConfig(steps=steps, warmup=warmup, learning_rate=0.1))
    summit = found.index(max(found))
    assert min(found) > 0 and max(found) == pytest.approx(0.1)
    assert found[: summit + 1] == sorted(found[: summit + 1])
    assert found[summit:] == sorted(found[summit:], reverse=True)


@pytest.mark.parametrize(
    ("schedule", "reference"),
    [
        (constant, lambda o: torch.optim.lr_scheduler.ConstantLR(o, factor=1.0)),
        (linear, lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 1e-12, total_iters=40)),
        (cosine, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=40)),
        (StepDecay((0.5, 0.75), 0.1), lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [20, 30])),
    ],
    ids=["constant", "linear", "cosine", "steps"],
)
def test_the_shapes_are_those_of_torch(schedule: Schedule, reference) -> None:
    config = TrainingConfig(steps=40, warmup=0.0, learning_rate=0.3)
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.3)
    scheduler, expected = reference(optimiser), []
    for _ in range(40):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    assert rates(schedule, config) == pytest.approx(expected, abs=1e-9)


def test_late_decay_stays_up_and_then_falls_in_a_line() -> None:
    schedule = LinearCooldown(0.8)
    assert [schedule(p) for p in (0.0, 0.5, 0.8)] == pytest.approx([1, 1, 1])
    assert [schedule(p) for p in (0.9, 1.0)] == pytest.approx([0.5, 0])


def test_fit_follows_the_schedule_it_is_given() -> None:
    config = TrainingConfig(steps=30, batch_size=15, learning_rate=0.1, warmup=0.2, device="cpu")
    history = fit(classifier(), separable(), config, schedule=linear, progress=False)
    assert history.learning_rates == rates(linear, config) != rates(cosine, config)
    other = fit(classifier(), separable(), config, progress=False)
    assert other.losses[:8] == history.losses[:8]  # the same until the warm-up has ended
    assert other.losses[10:] != history.losses[10:]


@pytest.mark.parametrize(
    "at", [(0.7, 0.2), (-0.1,), (0.5, 1.5), 0.5, "0.5", ("0.5",), None, (math.nan,)]
)
def test_points_that_do_not_rise_within_the_run_are_refused(at: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rising points"):
        StepDecay(at)


@pytest.mark.parametrize("bad", [-0.1, 1.0, math.nan])
def test_values_out_of_range_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="start must be"):
        LinearCooldown(bad)
    with pytest.raises(ValueError, match="factor must be"):
        StepDecay(factor=bad if bad != 1.0 else 0.0)

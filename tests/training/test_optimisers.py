import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mmbook.training import TrainingConfig, adamw, learning_rate_at


def test_the_schedule_rises_in_a_line_and_falls_along_a_cosine() -> None:
    config = TrainingConfig(steps=100, warmup=0.2, learning_rate=0.4)
    rates = [learning_rate_at(step, config) for step in range(101)]
    assert rates[0] == pytest.approx(0.4 / 20)
    assert rates[9] == pytest.approx(0.4 / 2)
    assert rates[19] == rates[20] == pytest.approx(0.4)
    assert rates[40] == pytest.approx(0.2 * (1 + math.cos(math.pi / 4)))
    assert rates[60] == pytest.approx(0.2)
    assert rates[100] == pytest.approx(0.0, abs=1e-12)


@given(steps=st.integers(1, 300), warmup=st.floats(0, 1))
def test_the_rate_is_never_above_its_peak_and_has_one_summit(steps: int, warmup: float) -> None:
    config = TrainingConfig(steps=steps, warmup=warmup, learning_rate=0.1)
    rates = [learning_rate_at(step, config) for step in range(steps)]
    summit = rates.index(max(rates))
    assert min(rates) > 0 and max(rates) == pytest.approx(0.1)
    assert rates[: summit + 1] == sorted(rates[: summit + 1])
    assert rates[summit:] == sorted(rates[summit:], reverse=True)


def test_only_matrices_decay_and_frozen_parameters_are_left_out() -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Embedding(5, 4), nn.Linear(4, 3)
    )
    model[3].requires_grad_(False)
    decayed, plain = adamw(model, TrainingConfig(weight_decay=0.3)).param_groups
    assert decayed["weight_decay"] == 0.3 and plain["weight_decay"] == 0.0
    assert [p.ndim for p in decayed["params"]] == [4, 2]
    assert [p.ndim for p in plain["params"]] == [1, 1, 1]

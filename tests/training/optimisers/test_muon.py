import dataclasses
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mmbook.training import AdamW, Muon, Objective, TrainingConfig, fit, muon, orthogonalise
from tests.training.runs import CONFIG, classifier, separable


@given(rows=st.integers(1, 20), columns=st.integers(1, 20), seed=st.integers(0, 999))
@settings(max_examples=50, deadline=None)
def test_singular_values_come_near_one_and_directions_stay(
    rows: int, columns: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randn(rows, columns, generator=generator)
    u, s, vt = torch.linalg.svd(matrix, full_matrices=False)
    found = orthogonalise(matrix).float()
    assert found.shape == matrix.shape
    values = torch.diagonal(u.T @ found @ vt.T)
    clear = s / s.norm() > 0.05  # smaller ones are let be: five rounds do not lift them to one
    assert ((values[clear] > 0.5) & (values[clear] < 1.35)).all()
    assert (u.T @ found @ vt.T - torch.diag(values)).abs().max() < 0.15


def test_nothing_is_made_of_nothing_and_vectors_are_refused() -> None:
    assert torch.equal(orthogonalise(torch.zeros(3, 2)).float(), torch.zeros(3, 2))
    with pytest.raises(ValueError, match="two axes"):
        orthogonalise(torch.ones(3))


def test_a_hundred_steps_equal_those_of_torch() -> None:
    ours, theirs = (
        [nn.Parameter(torch.ones(shape) / 3) for shape in ((6, 4), (3, 8), (5, 5))]
        for _ in range(2)
    )
    mine = Muon(ours, lr=0.02, weight_decay=0.1)
    reference = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    generator = torch.Generator().manual_seed(0)
    for _ in range(100):
        for a, b in zip(ours, theirs, strict=True):
            noise = torch.randn(a.shape, generator=generator)
            a.grad, b.grad = a.detach() + noise, b.detach() + noise
        mine.step()
        reference.step()
    for a, b in zip(ours, theirs, strict=True):
        assert torch.equal(a, b)


def test_filters_are_matrices_and_the_rest_is_left_to_adamw() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Embedding(5, 6))
    optimiser = muon(model, TrainingConfig(learning_rate=0.1, weight_decay=0.2))
    matrices, others = optimiser.param_groups
    assert [p.ndim for p in matrices["params"]] == [4]
    assert [p.ndim for p in others["params"]] == [1, 1, 1, 2]
    before = [p.detach().clone() for p in others["params"]]
    twins = [nn.Parameter(p.clone()) for p in before]
    for p, twin in zip(others["params"], twins, strict=True):
        p.grad = twin.grad = torch.randn_like(p)
    filters = matrices["params"][0]
    filters.grad = torch.randn_like(filters)
    start = filters.detach().clone()
    optimiser.step()
    AdamW(twins, lr=0.1, weight_decay=0.2).step()
    for p, twin in zip(others["params"], twins, strict=True):
        assert torch.equal(p, twin)
    moved = (filters - start * (1 - 0.1 * 0.2)).flatten(1) / (0.1 * 0.2 * math.sqrt(18))
    assert torch.linalg.svdvals(moved).sub(1).abs().max() < 0.4
    kept = {name for state in optimiser.state.values() for name in state}
    assert kept == {"step", "mean", "square"}
    assert set(optimiser.state[filters]) == {"step", "mean"}


def test_it_trains() -> None:
    config = dataclasses.replace(CONFIG, steps=150, learning_rate=0.03)
    model, samples = classifier(), separable(200)
    losses = fit(model, samples, config, Objective(optimiser=muon), progress=False).losses
    assert sum(losses[-10:]) < sum(losses[:10]) / 2


def test_vectors_among_the_matrices_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not the shapes \[\(3,\)\]"):
        Muon([nn.Parameter(torch.ones(3))])

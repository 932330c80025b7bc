"""A gradient gives its input back; noise and a batch stop that; nonsense is refused."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mmbook.evaluation.attacks import (
    InversionConfig,
    invert_gradients,
    invert_linear,
    label_from_gradient,
)


def gradient_of(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    F.cross_entropy(model(x), y).backward()
    return {name: p.grad.clone() for name, p in model.named_parameters()}


@given(inputs=st.integers(1, 30), outputs=st.integers(2, 10), seed=st.integers(0, 99))
def test_behind_a_linear_layer_it_is_exact(inputs: int, outputs: int, seed: int) -> None:
    torch.manual_seed(seed)
    model = nn.Linear(inputs, outputs).double()
    x, y = torch.rand(1, inputs).double(), torch.tensor([seed % outputs])
    found = gradient_of(model, x, y)
    torch.testing.assert_close(invert_linear(found["weight"], found["bias"]), x[0])
    assert label_from_gradient(found["bias"]) == y.item()


def test_of_a_batch_it_is_a_weighted_sum() -> None:
    torch.manual_seed(0)
    model = nn.Linear(6, 3).double()
    x, y = torch.rand(4, 6).double(), torch.tensor([0, 1, 2, 0])
    found = gradient_of(model, x, y)
    error = (model(x).softmax(1) - F.one_hot(y, 3)).detach()  # (4, 3)
    row = int(error.sum(0).abs().argmax())
    weights = error[:, row] / error[:, row].sum()
    torch.testing.assert_close(invert_linear(found["weight"], found["bias"]), weights @ x)


def test_a_search_finds_the_input_of_a_small_network_and_noise_stops_it() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(288, 4))
    x, y = torch.rand(1, 1, 6, 6), torch.tensor([2])
    true = gradient_of(model, x, y)
    config = InversionConfig(steps=300, learning_rate=0.1)
    found = invert_gradients(model, true, y, (1, 6, 6), config)
    assert found.shape == x.shape and found.min() >= 0 and found.max() <= 1
    assert torch.equal(found, invert_gradients(model, true, y, (1, 6, 6), config))
    error = (found - x).square().mean()
    assert error < 0.01
    size = torch.stack([g.std() for g in true.values()]).mean()
    noisy = {name: g + 2 * size * torch.randn_like(g) for name, g in true.items()}
    stopped = (invert_gradients(model, noisy, y, (1, 6, 6), config) - x).square().mean()
    assert stopped > 5 * error


def test_smoothness_prefers_smooth_images() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 4))
    x, y = torch.rand(1, 1, 6, 6), torch.tensor([1])
    true = gradient_of(model, x, y)
    rough, smooth = (
        invert_gradients(model, true, y, (1, 6, 6), InversionConfig(100, smoothness=s))
        for s in (0, 3.0)
    )
    assert smooth.diff(dim=-1).abs().mean() < rough.diff(dim=-1).abs().mean()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: invert_linear(torch.zeros(2, 3), torch.zeros(3)), "outputs"),
        (lambda: invert_linear(torch.zeros(2, 3), torch.zeros(2)), "vanishes"),
        (lambda: invert_linear(torch.full((2, 3), math.nan), torch.ones(2)), "NaN"),
        (lambda: label_from_gradient(torch.zeros(2, 2)), "classes"),
        (lambda: label_from_gradient(torch.zeros(0)), "classes"),
        (lambda: InversionConfig(steps=0), "steps"),
        (lambda: InversionConfig(learning_rate=math.nan), "learning_rate"),
        (lambda: InversionConfig(smoothness=-1), "smoothness"),
        (lambda: invert_gradients(nn.Linear(2, 2), {}, torch.tensor([0]), (2,)), "weight"),
        (
            lambda: invert_gradients(
                nn.Linear(2, 2),
                {"weight": torch.zeros(2, 2), "bias": torch.full((2,), math.nan)},
                torch.tensor([0]),
                (2,),
            ),
            "bias holds NaN",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()

"""Our rules against torch.optim: to the last bit in single, and in its other kernels in double."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.optim import Optimizer

from mmbook.training import SGD, Adam, AdamW, RMSProp

Make = Callable[..., Optimizer]
RULES: dict[str, tuple[Make, dict[str, Any], Make, dict[str, Any]]] = {
    "plain": (SGD, {}, torch.optim.SGD, {}),
    "plain with decay": (SGD, {"weight_decay": 0.1}, torch.optim.SGD, {"weight_decay": 0.1}),
    "momentum": (SGD, {"momentum": 0.9}, torch.optim.SGD, {"momentum": 0.9}),
    "Nesterov": (
        SGD,
        {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01},
        torch.optim.SGD,
        {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01},
    ),
    "RMSProp": (RMSProp, {"smoothing": 0.95}, torch.optim.RMSprop, {"alpha": 0.95}),
    "RMSProp with decay": (
        RMSProp,
        {"weight_decay": 0.2},
        torch.optim.RMSprop,
        {"weight_decay": 0.2},
    ),
    "Adam": (Adam, {"beta2": 0.99}, torch.optim.Adam, {"betas": (0.9, 0.99)}),
    "Adam with L2": (Adam, {"weight_decay": 0.3}, torch.optim.Adam, {"weight_decay": 0.3}),
    "AdamW": (AdamW, {"weight_decay": 0.3}, torch.optim.AdamW, {"weight_decay": 0.3}),
    "AdamW as it comes": (AdamW, {}, torch.optim.AdamW, {}),
}


class Odd(nn.Module):
    """Tensors of several shapes, one of which gets a gradient in every third batch only."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(5, 7, dtype=dtype), nn.Linear(7, 3, dtype=dtype)
        self.rare = nn.Linear(5, 3, bias=False, dtype=dtype)

    def loss(self, points: Tensor, number: int) -> Tensor:
        outputs = self.second(self.first(points).tanh())
        if number % 3 == 2:
            outputs = outputs + self.rare(points)
        return (outputs - points[:, :3]).square().mean()


def trained(make: Make, dtype: torch.dtype, steps: int = 100, **settings: Any) -> list[Tensor]:
    """The weights after so many steps with a rate that changes, always of the same batches."""
    torch.manual_seed(0)
    model = Odd(dtype)
    optimiser = make(model.parameters(), lr=0.02, **settings)
    for number in range(steps):
        points = torch.randn(8, 5, dtype=dtype)
        optimiser.param_groups[0]["lr"] = 0.02 / (1 + number / 50)
        model.loss(points, number).backward()
        optimiser.step()
        optimiser.zero_grad()
    return [p.detach() for p in model.parameters()]


def furthest(ours: list[Tensor], theirs: list[Tensor]) -> float:
    return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("foreach", [True, False])
def test_a_hundred_steps_equal_those_of_torch_to_the_last_bit(name: str, foreach: bool) -> None:
    make, settings, reference, theirs = RULES[name]
    ours = trained(make, torch.float32, **settings)
    assert furthest(ours, trained(reference, torch.float32, foreach=foreach, **theirs)) == 0
    assert furthest(ours, trained(make, torch.float32, steps=99, **settings)) > 0


@pytest.mark.parametrize("name", ["Adam", "Adam with L2", "AdamW"])
def test_a_hundred_steps_equal_those_of_the_fused_kernel_in_double(name: str) -> None:
    make, settings, reference, theirs = RULES[name]
    fused = trained(reference, torch.float64, fused=True, **theirs)
    assert furthest(trained(make, torch.float64, **settings), fused) < 1e-12


@given(
    shapes=st.lists(st.lists(st.integers(0, 4), max_size=3), min_size=1, max_size=4),
    seed=st.integers(0, 99),
    name=st.sampled_from(sorted(RULES)),
)
def test_every_shape_of_parameter_is_moved_as_torch_does(
    shapes: list[list[int]], seed: int, name: str
) -> None:
    make, settings, reference, theirs = RULES[name]
    generator = torch.Generator().manual_seed(seed)
    start = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    slopes = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    pairs = []
    for rule, chosen in ((make, settings), (reference, theirs)):
        parameters = [nn.Parameter(value.clone()) for value in start]
        optimiser = rule(parameters, lr=0.1, **chosen)
        for _ in range(3):
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter.grad = slope + parameter.detach()
            optimiser.step()
        pairs.append(parameters)
    for a, b in zip(*pairs, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["momentum", "RMSProp", "AdamW"])
def test_saved_in_between_it_goes_on_as_without_a_break(name: str) -> None:
    make, settings, *_ = RULES[name]
    parameter = nn.Parameter(torch.tensor([3.0, -2.0]))

    def steps(optimiser: Optimizer, parameter: Tensor) -> None:
        for _ in range(5):
            parameter.grad = parameter.detach() ** 3
            optimiser.step()

    first = make([parameter], lr=0.01, **settings)
    steps(first, parameter)
    other = nn.Parameter(parameter.detach().clone())
    second = make([other], lr=0.5)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    steps(first, parameter)
    steps(second, other)
    assert torch.equal(parameter, other)


def test_a_closure_is_called_with_gradients_on_and_its_loss_comes_back() -> None:
    parameter = nn.Parameter(torch.tensor(3.0))
    optimiser = SGD([parameter], lr=0.25)

    def closure() -> Any:
        optimiser.zero_grad()
        loss = parameter.square()
        loss.backward()
        return loss

    assert optimiser.step(closure).item() == 9  # type: ignore[union-attr]
    assert parameter.item() == 1.5


def test_groups_keep_settings_of_their_own() -> None:
    fast, slow = (nn.Parameter(torch.ones(2)) for _ in range(2))
    optimiser = SGD([{"params": [fast], "lr": 0.5}, {"params": [slow]}], lr=0.1)
    fast.grad = slow.grad = torch.ones(2)
    optimiser.step()
    assert fast.tolist() == [0.5, 0.5] and slow.tolist() == pytest.approx([0.9, 0.9])


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (SGD, {"lr": -1.0}),
        (SGD, {"momentum": 1.0}),
        (SGD, {"weight_decay": float("nan")}),
        (RMSProp, {"smoothing": -0.1}),
        (Adam, {"beta1": 1.0}),
        (AdamW, {"beta2": 2.0}),
    ],
)
def test_settings_out_of_range_are_refused_by_name(make: Make, settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(settings))} must be at least"):
        make([nn.Parameter(torch.ones(1))], **settings)


def test_without_momentum_nothing_is_kept_until_momentum_is_switched_on() -> None:
    weights = []
    for make in (SGD, torch.optim.SGD):
        parameter = nn.Parameter(torch.tensor([3.0, -2.0]))
        optimiser = make([parameter], lr=0.1)
        for step in range(6):
            optimiser.param_groups[0]["momentum"] = 0.9 if step >= 3 else 0.0
            parameter.grad = parameter.detach() * (step + 1)
            optimiser.step()
            if make is SGD:
                assert ("velocity" in optimiser.state[parameter]) == (step >= 3)
        weights.append(parameter.detach())
    assert weights[0].equal(weights[1])

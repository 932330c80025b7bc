"""Each sample's gradient is what autograd finds for it alone, and clipping shortens only."""

import copy

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mmbook.training.privacy import clip_factors, per_sample_gradients, per_sample_norms


def network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.GroupNorm(1, 3), nn.Tanh(), nn.Flatten(), nn.Linear(3 * 36, 4)
    )


def samples(n: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(n, 1, 8, 8, generator=generator), torch.arange(n) % 4


def one_by_one(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> dict:
    """A backward pass for each sample alone."""
    found: dict[str, list[torch.Tensor]] = {name: [] for name, _ in model.named_parameters()}
    for x, y in zip(inputs, targets, strict=True):
        model.zero_grad()
        F.cross_entropy(model(x[None]), y[None]).backward()
        for name, p in model.named_parameters():
            found[name].append(p.grad.clone())
    return {name: torch.stack(each) for name, each in found.items()}


def test_they_are_those_of_a_loop_and_their_mean_is_that_of_the_batch() -> None:
    torch.manual_seed(1)
    model, (inputs, targets) = network().double(), samples()
    inputs = inputs.double()
    found, expected = (
        per_sample_gradients(model, inputs, targets),
        one_by_one(model, inputs, targets),
    )
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name])
    model.zero_grad()
    F.cross_entropy(model(inputs), targets).backward()
    for name, p in model.named_parameters():
        torch.testing.assert_close(found[name].mean(dim=0), p.grad)


def test_inputs_by_name_a_loss_of_its_own_and_frozen_weights() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(3, 2), nn.Linear(2, 2)
            self.register_buffer("scale", torch.tensor(2.0))
            self.a.bias.requires_grad_(False)

        def forward(self, inputs):
            return self.scale * self.a(inputs["x"]) + self.b(inputs["y"])

    model = Two()
    inputs, targets = {"x": torch.randn(5, 3), "y": torch.randn(5, 2)}, torch.randn(5, 2)
    found = per_sample_gradients(model, inputs, targets, F.mse_loss)
    assert set(found) == {"a.weight", "b.weight", "b.bias"}
    for row in range(5):
        model.zero_grad()
        one = {name: values[row : row + 1] for name, values in inputs.items()}
        F.mse_loss(model(one), targets[row : row + 1]).backward()
        torch.testing.assert_close(found["a.weight"][row], model.a.weight.grad)
        torch.testing.assert_close(found["b.bias"][row], model.b.bias.grad)


def test_the_model_is_left_as_it_was() -> None:
    model, (inputs, targets) = network(), samples()
    before = copy.deepcopy(model.state_dict())
    per_sample_gradients(model, inputs, targets)
    assert all(p.grad is None for p in model.parameters())
    assert all(torch.equal(before[name], values) for name, values in model.state_dict().items())


def test_lengths_are_over_all_parameters() -> None:
    gradients = {"w": torch.tensor([[[3.0], [0.0]], [[1.0], [2.0]]]), "b": torch.tensor([4.0, 2.0])}
    torch.testing.assert_close(per_sample_norms(gradients), torch.tensor([5.0, 3.0]))


@given(
    norms=st.lists(st.floats(0, 1e6, width=32), min_size=1, max_size=9), clip=st.floats(1e-3, 1e3)
)
def test_clipping_shortens_what_is_too_long_and_nothing_else(
    norms: list[float], clip: float
) -> None:
    lengths = torch.tensor(norms)
    factors = clip_factors(lengths, clip)
    assert (factors <= 1).all() and (lengths * factors <= clip * (1 + 1e-5)).all()
    assert (factors[lengths <= clip] == 1).all()
    assert torch.equal(clip_factors(lengths, float("inf")), torch.ones(len(lengths)))


def test_what_cannot_be_is_refused_by_name() -> None:
    model, (inputs, targets) = network(), samples()
    with pytest.raises(ValueError, match="as many inputs as targets"):
        per_sample_gradients(model, inputs, targets[:-1])
    with pytest.raises(ValueError, match="as many inputs as targets"):
        per_sample_gradients(model, inputs[:0], targets[:0])
    mixing = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(64, 4))
    with pytest.raises(ValueError, match="mixes samples"):
        per_sample_gradients(mixing.train(), inputs, targets)
    assert len(per_sample_gradients(mixing.eval(), inputs, targets)) == 4
    with pytest.raises(ValueError, match="needs a gradient"):
        per_sample_gradients(model.requires_grad_(False), inputs, targets)
    for clip in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="clipping norm"):
            clip_factors(torch.ones(2), clip)
    with pytest.raises(FloatingPointError, match="sample 1"):
        per_sample_norms({"w": torch.tensor([[1.0], [float("nan")]])})
    with pytest.raises(ValueError, match="no gradients"):
        per_sample_norms({})

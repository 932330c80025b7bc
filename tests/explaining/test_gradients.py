"""Gradients against closed forms, differences, and the integral that they are named after."""

import pytest
import torch

from mmbook.explaining import (
    gradient,
    gradient_times_input,
    integrated_gradients,
    smooth_gradient,
    target_scores,
)
from tests.explaining.networks import Formula, linear, pictures, smooth_network

TARGET = torch.tensor([2, 0, 1])


def test_of_a_linear_model_all_say_its_weights():
    network, x = linear(), torch.randn(3, 3, 4).double()
    weights = network[1].weight[TARGET].view(3, 3, 4).detach()
    torch.testing.assert_close(gradient(network, x, TARGET), weights)
    torch.testing.assert_close(smooth_gradient(network, x, TARGET, 0.5, 3), weights)
    base = torch.randn(3, 4).double()
    share = weights * (x - base)  # what erasing one number alone changes, too
    torch.testing.assert_close(gradient_times_input(network, x, TARGET, base), share)
    torch.testing.assert_close(integrated_gradients(network, x, TARGET, base, steps=1), share)


def test_the_gradient_is_the_slope_of_small_differences():
    network, x = smooth_network(), pictures()
    found = gradient(network, x, TARGET)
    for place in ((0, 0, 0), (1, 3, 2), (1, 7, 5)):
        moved = [x.clone(), x.clone()]
        for one, by in zip(moved, (1e-5, -1e-5), strict=True):
            one[:, *place] += by
        up, down = (target_scores(network, one, TARGET) for one in moved)
        torch.testing.assert_close(found[:, *place], (up - down) / 2e-5, atol=1e-8, rtol=1e-6)


@pytest.mark.parametrize("baseline", [0.0, 1.5, "picture"])
def test_integrated_gradients_are_complete(baseline):
    network, x = smooth_network(), pictures()
    base = pictures(4)[3] if baseline == "picture" else baseline
    found = integrated_gradients(network, x, TARGET, base, steps=50)
    start = torch.as_tensor(base, dtype=x.dtype).expand_as(x)
    fall = target_scores(network, x, TARGET) - target_scores(network, start, TARGET)
    torch.testing.assert_close(found.flatten(1).sum(1), fall, atol=1e-4, rtol=0)


def test_two_witnesses_of_one_fact_share_it():
    """min(a + b, 1) at (1, 1): no slope, nothing missed, and a half each on the way."""
    either = Formula(lambda x: x.sum(1, keepdim=True).clamp(max=1))
    x = torch.ones(1, 2).double()
    assert gradient(either, x, 0).tolist() == [[0, 0]]
    assert integrated_gradients(either, x, 0, steps=50).tolist() == [[0.5, 0.5]]


def test_the_way_is_integrated_exactly_where_it_can_be():
    """a²b from 0 to (2, 3): 2/3 and 1/3 of 12; the midpoint rule's error falls with steps²."""
    product = Formula(lambda x: x[:, :1] ** 2 * x[:, 1:])
    x = torch.tensor([[2.0, 3.0]]).double()
    exact = torch.tensor([[8.0, 4.0]]).double()
    errors = [(integrated_gradients(product, x, 0, steps=n) - exact).abs().max() for n in (10, 100)]
    assert errors[1] < 1e-3 and errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_smooth_gradients_are_means_of_a_seed():
    network, x = smooth_network(), pictures()
    first = smooth_gradient(network, x, 1, 0.2, 5, seed=3)
    assert torch.equal(first, smooth_gradient(network, x, 1, 0.2, 5, seed=3))
    assert not torch.equal(first, smooth_gradient(network, x, 1, 0.2, 5, seed=4))
    torch.testing.assert_close(smooth_gradient(network, x, 1, 0.0, 5), gradient(network, x, 1))
    generator = torch.Generator().manual_seed(3)
    noisy = [x + 0.2 * torch.randn(x.shape, generator=generator).to(x) for _ in range(5)]
    expected = torch.stack([gradient(network, one, 1) for one in noisy]).mean(0)
    torch.testing.assert_close(first, expected)


def test_what_does_not_fit_is_refused():
    network, x = smooth_network(), pictures()
    with pytest.raises(ValueError, match="steps must be 1 or more"):
        integrated_gradients(network, x, 0, steps=0)
    with pytest.raises(ValueError, match="baseline must fit inputs \\(3, 2, 8, 6\\), not \\(5,\\)"):
        integrated_gradients(network, x, 0, torch.zeros(5))
    with pytest.raises(ValueError, match="baseline must be finite"):
        gradient_times_input(network, x, 0, float("inf"))
    for noise in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="noise must be 0 or more, and finite"):
            smooth_gradient(network, x, 0, noise)
    for samples in (0, 2.5, True):
        with pytest.raises(ValueError, match="samples must be 1 or more, a whole number"):
            smooth_gradient(network, x, 0, 0.1, samples)
    with pytest.raises(ValueError, match=r"steps must be 1 or more, a whole number, not 2\.5"):
        integrated_gradients(network, x, 0, steps=2.5)


def test_another_precision_than_the_model_s_is_refused_by_name():
    network, x = smooth_network(), pictures().float()
    said = "the inputs are torch.float32, but the model is torch.float64: convert"
    for ask in (gradient, target_scores, integrated_gradients):
        with pytest.raises(ValueError, match=said):
            ask(network, x, TARGET)

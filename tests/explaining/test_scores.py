"""What every explanation asks of its input is asked clearly."""

import pytest
import torch
from torch import nn

from mmbook.explaining import (
    LogProbabilities,
    OneSense,
    grad_cam,
    gradient,
    gradient_times_input,
    integrated_gradients,
    occlusion,
    smooth_gradient,
    target_scores,
)
from tests.explaining.networks import Formula, pictures, smooth_network

METHODS = {
    "gradient": gradient,
    "times input": gradient_times_input,
    "integrated": lambda m, x, t: integrated_gradients(m, x, t, steps=4),
    "smooth": lambda m, x, t: smooth_gradient(m, x, t, noise=0.1, samples=2),
    "occlusion": lambda m, x, t: occlusion(m, x, t, size=4),
    "grad-cam": lambda m, x, t: grad_cam(m, x, t, m.features),
    "scores": target_scores,
}


@pytest.fixture(params=METHODS)
def method(request):
    return METHODS[request.param]


def test_the_network_and_its_mode_stay(method):
    network, x = smooth_network(), pictures()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.features.eval()
    first = method(network, x, torch.tensor([0, 1, 3]))
    assert torch.equal(first, method(network, x, torch.tensor([0, 1, 3])))  # dropout is off
    assert network.training and network.dropout.training and not network.features.training
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not first.requires_grad


def test_samples_are_explained_one_by_one(method):
    network, x, target = smooth_network(), pictures(), torch.tensor([2, 0, 1])
    if method is METHODS["smooth"]:
        pytest.skip("the noise of a sample depends on its place")
    together = method(network, x, target)
    apart = torch.cat([method(network, x[n : n + 1], int(target[n])) for n in range(3)])
    torch.testing.assert_close(together, apart)


def test_it_works_without_gradients_and_in_inference_mode(method):
    network, x = smooth_network(), pictures()
    expected = method(network, x, 1)
    with torch.no_grad():
        torch.testing.assert_close(method(network, x, 1), expected)
    with torch.inference_mode():
        torch.testing.assert_close(method(network, x.clone(), 1), expected)


def test_frozen_weights_are_explained_all_the_same(method):
    network, x = smooth_network(), pictures()
    expected = method(network, x, 1)
    torch.testing.assert_close(method(network.requires_grad_(False), x, 1), expected)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (4, "in \\[0, 4\\)"),
        (-1, "in \\[0, 4\\)"),
        (torch.tensor([0, 1]), "one class or \\(3,\\)"),
        (torch.tensor([0.0, 1.0, 2.0]), "whole numbers, not torch.float32"),
        (torch.tensor([True, False, True]), "whole numbers, not torch.bool"),
    ],
)
def test_a_target_that_is_none_is_refused(method, target, said):
    with pytest.raises(ValueError, match=said):
        method(smooth_network(), pictures(), target)


def test_inputs_that_cannot_be_explained_are_refused(method):
    network, x = smooth_network(), pictures()
    with pytest.raises(ValueError, match=r"must be floating point, not torch\.int64"):
        method(network, x.long(), 0)
    with pytest.raises(ValueError, match="n > 0"):
        method(network, x[:0], 0)
    x[1, 0, 2, 3] = float("nan")
    with pytest.raises(ValueError, match="hold NaN or infinity"):
        method(network, x, 0)


def test_scores_that_are_none_are_refused(method):
    if method is METHODS["grad-cam"]:
        pytest.skip("a formula has no layer")
    with pytest.raises(ValueError, match="scores \\(3, classes\\), not \\(3, 8, 6\\)"):
        method(Formula(lambda x: x.sum(1)), pictures(), 0)
    with pytest.raises(ValueError, match="scores must be finite"):
        method(Formula(lambda x: (x.sum((2, 3)) * 0).log()), pictures(), 0)


@pytest.mark.parametrize("name", ["gradient", "times input", "integrated", "smooth"])
def test_a_gradient_that_is_cut_off_is_named(name):
    for formula in (
        lambda x: x.detach().sum((2, 3)),
        lambda x: torch.ones(3, 2, requires_grad=True),
    ):
        with pytest.raises(ValueError, match="do not depend on the inputs"):
            METHODS[name](Formula(formula), pictures(), 0)


def test_log_probabilities_are_those_of_the_scores():
    network = nn.Linear(3, 5)
    x = torch.randn(4, 3)
    torch.testing.assert_close(LogProbabilities(network)(x), network(x).log_softmax(1))
    assert torch.equal(target_scores(network, x, 2), network(x)[:, 2])


def test_one_sense_is_asked_alone():
    class Heard(nn.Module):
        def forward(self, inputs):
            assert list(inputs) == ["audio"]
            return inputs["audio"] * 2

    x = torch.randn(2, 3)
    assert torch.equal(OneSense(Heard(), "audio")(x), 2 * x)

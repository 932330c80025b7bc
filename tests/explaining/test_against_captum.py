"""Where Captum defines the same, both say the same."""

import torch
from captum import attr
from torch import Tensor, nn

from mmbook.explaining import (
    grad_cam,
    gradient,
    gradient_times_input,
    integrated_gradients,
    occlusion,
    sense_values,
)
from tests.explaining.networks import Witnesses, pictures, smooth_network

TARGET = torch.tensor([2, 0, 1])


def same(ours: Tensor, theirs: Tensor) -> None:
    """To rounding; some of Captum's methods answer in single precision whatever they were given."""
    exact = theirs.dtype == torch.float64
    given = {"atol": 1e-10, "rtol": 1e-8} if exact else {"atol": 1e-6, "rtol": 1e-5}
    torch.testing.assert_close(ours.to(theirs.dtype), theirs.detach(), **given)


def test_gradients():
    network, x = smooth_network().eval(), pictures()
    given = x.clone().requires_grad_()
    same(gradient(network, x, TARGET), attr.Saliency(network).attribute(given, TARGET, abs=False))
    theirs = attr.InputXGradient(network).attribute(given, TARGET)
    same(gradient_times_input(network, x, TARGET), theirs)


def test_integrated_gradients():
    network, x, base = smooth_network().eval(), pictures(), pictures(6)[3:]
    theirs = attr.IntegratedGradients(network).attribute(
        x, base, TARGET, n_steps=20, method="riemann_middle"
    )
    same(integrated_gradients(network, x, TARGET, base, steps=20), theirs)


def test_occlusion():
    network, x = smooth_network().eval(), pictures()
    theirs = attr.Occlusion(network).attribute(x, (2, 2, 2), (2, 2, 2), 0.4, TARGET)
    ours = occlusion(network, x, TARGET, size=2, baseline=0.4)  # (n, 4, 3)
    same(ours.repeat_interleave(2, 1).repeat_interleave(2, 2), theirs[:, 0])


def test_grad_cam():
    network, x = smooth_network().eval(), pictures()
    cam = attr.LayerGradCam(network, network.features)
    theirs = cam.attribute(x, TARGET, relu_attributions=True)
    same(grad_cam(network, x, TARGET, network.features), theirs[:, 0])


def test_shapley_values():
    model = Witnesses(lambda x: torch.tanh(x["a"] * x["b"] + x["c"]) + x["a"] ** 2)
    rows = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).double()

    class Flat(nn.Module):
        """Captum hides a feature by its baseline, 0: what the witnesses' masks do."""

        def forward(self, x: Tensor) -> Tensor:
            inputs = dict(zip("abc", x.T, strict=True))
            there = {name: torch.ones(len(x), dtype=torch.bool) for name in inputs}
            return model(inputs, present=there)

    theirs = attr.ShapleyValues(Flat()).attribute(rows, target=0)
    ours = sense_values(model, dict(zip("abc", rows.T, strict=True)), 0)
    same(torch.stack(list(ours.values()), dim=1), theirs)

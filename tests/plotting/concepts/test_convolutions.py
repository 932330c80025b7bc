"""Drawings of convolution: their shapes and counts are those of the networks."""

import torch
from matplotlib.axes import Axes
from torch import nn

from mmbook.plotting.concepts import convolutions


def words(axes: Axes) -> str:
    return "\n".join(text.get_text() for text in axes.texts)


def test_a_layer_names_the_shape_of_all_that_it_carries() -> None:
    said = words(convolutions.draw_layer())
    for shape in (
        r"$C \times h \times w$",
        r"$C \times K \times K$",
        r"$C' \times h' \times w'$",
    ):
        assert shape in said
    assert "$C'$ sums" in said


def test_the_shapes_and_weights_of_lenet_are_those_of_torch() -> None:
    tanh = nn.Tanh()
    layers = (
        nn.Sequential(nn.Conv2d(1, 6, 5), tanh),
        nn.AvgPool2d(2),
        nn.Sequential(nn.Conv2d(6, 16, 5), tanh),
        nn.AvgPool2d(2),
        nn.Sequential(nn.Conv2d(16, 120, 5), tanh),
        nn.Sequential(nn.Flatten(), nn.Linear(120, 84), tanh),
        nn.Linear(84, 10),
    )
    x = torch.zeros(1, 1, 32, 32)
    said = words(convolutions.draw_lenet())
    for stage, layer in zip(convolutions.LENET, layers, strict=True):
        x = layer(x)
        weights = sum(p.numel() for p in layer.parameters())
        assert (stage.shape, stage.weights) == (tuple(x.shape[1:]), weights)
        assert f"{stage.name}, {' × '.join(map(str, stage.shape))}" in said
        assert f"{weights:,}" in said


def test_only_the_residual_block_has_a_shortcut() -> None:
    plain, residual = convolutions.draw_blocks()
    assert "shortcut" in words(residual) and "shortcut" not in words(plain)
    assert words(plain).count("3 × 3") == words(residual).count("3 × 3") == 2
    assert words(plain).count("$(n, C, h, w)$") == 5

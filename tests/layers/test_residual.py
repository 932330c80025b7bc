"""Residual blocks: against their formula by torch.nn.functional, and by what they pass on."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mmbook.layers.residual import PostActivationBlock, PreActivationBlock

BLOCKS = [PreActivationBlock, PostActivationBlock]
SHAPES = {
    "batch": st.integers(1, 3),
    "inputs": st.integers(1, 4),
    "outputs": st.integers(1, 4),
    "height": st.integers(1, 9),
    "breadth": st.integers(1, 9),
    "stride": st.integers(1, 3),
    "training": st.booleans(),
    "seed": st.integers(0, 99),
}


def randomised(block: nn.Module, seed: int) -> nn.Module:
    """The block in double precision with no weight or running statistic at a special value."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in block.double().state_dict().items():
        if value.is_floating_point():
            drawn = torch.randn(value.shape, generator=generator, dtype=value.dtype)
            value.copy_(drawn.abs() + 0.5 if "running_var" in name else 0.5 * drawn)
    return block


def normalise(x: Tensor, norm: Any, training: bool) -> Tensor:
    """Batch normalisation by its definition."""
    mean, variance = norm.running_mean, norm.running_var
    if training:
        mean = x.mean(dim=(0, 2, 3))
        variance = (x - mean[:, None, None]).square().mean(dim=(0, 2, 3))
    scaled = (x - mean[:, None, None]) / (variance[:, None, None] + norm.eps).sqrt()
    return scaled * norm.weight[:, None, None] + norm.bias[:, None, None]


def reference(block: Any, x: Tensor, stride: int, training: bool) -> Tensor:
    """The block's formula on an input, without its modules' forward."""
    w1, w2 = block.convolution1.weight, block.convolution2.weight
    way = getattr(block.shortcut, "weight", None)
    around = x if way is None else F.conv2d(x, way, stride=stride)
    if isinstance(block, PreActivationBlock):
        h = F.conv2d(normalise(x, block.norm1, training).clamp(min=0), w1, None, stride, 1)
        return around + F.conv2d(normalise(h, block.norm2, training).clamp(min=0), w2, padding=1)
    h = normalise(F.conv2d(x, w1, None, stride, 1), block.norm1, training).clamp(min=0)
    return (around + normalise(F.conv2d(h, w2, padding=1), block.norm2, training)).clamp(min=0)


@pytest.mark.parametrize("make", BLOCKS)
@settings(max_examples=30)
@given(**SHAPES)
def test_a_block_is_its_formula(
    make: Any,
    batch: int,
    inputs: int,
    outputs: int,
    height: int,
    breadth: int,
    stride: int,
    training: bool,
    seed: int,
) -> None:
    training = training and batch * -(-height // stride) * -(-breadth // stride) > 1
    block = randomised(make(inputs, outputs, stride), seed).train(training)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, inputs, height, breadth, generator=generator, dtype=torch.float64)
    mine, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    expected = reference(block, theirs, stride, training)  # before running statistics move
    got = block(mine)
    assert got.shape == (batch, outputs, -(-height // stride), -(-breadth // stride))
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-10)
    parameters = list(block.parameters())
    weighting = torch.randn(got.shape, generator=generator, dtype=torch.float64)
    gradients = torch.autograd.grad((got * weighting).sum(), [mine, *parameters])
    others = torch.autograd.grad((expected * weighting).sum(), [theirs, *parameters])
    for gradient, other in zip(gradients, others, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("make", BLOCKS)
def test_gradients_are_those_of_finite_differences(make: Any) -> None:
    block = randomised(make(2, 3, 2), 3).eval()
    x = torch.randn(2, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(block, (x,))


def test_a_block_that_adds_nothing_lets_everything_pass() -> None:
    """Where f is zero, a block is the identity and so is its gradient, a hundred times over."""
    blocks = nn.Sequential(*(PreActivationBlock(3, 3) for _ in range(100))).double()
    for block in blocks:
        nn.init.zeros_(block.convolution2.weight)  # type: ignore[union-attr]
    x = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    y = blocks(x)
    assert y.equal(x)
    weighting = torch.randn(y.shape, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((y * weighting).sum(), x)
    torch.testing.assert_close(gradient, weighting, rtol=0, atol=0)


@pytest.mark.parametrize("make", BLOCKS)
def test_the_normalisation_is_the_one_asked_for(make: Any) -> None:
    block = make(2, 3, 1, lambda channels: nn.GroupNorm(1, channels))
    assert not [m for m in block.modules() if isinstance(m, nn.BatchNorm2d)]
    x = torch.randn(4, 2, 5, 5)
    torch.testing.assert_close(block(x)[1:2], block(x[1:2]))  # nothing of the batch is seen

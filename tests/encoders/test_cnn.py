"""Convolutional encoders: shapes by formula, values against torch, padding that cannot be seen."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from mmbook.encoders import ConvolutionalEncoder, SpectrogramEncoder
from mmbook.encoders.cnn import ConvolutionBlock, LayerNorm2d
from mmbook.tokens import Tokens

STAGES = st.lists(st.integers(1, 4), min_size=1, max_size=3)


def randomised(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module in double precision with no parameter at a special value such as 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    for p in module.double().parameters():
        p.data = torch.randn(p.shape, generator=generator, dtype=p.dtype) * 0.3
    return module


def assert_gradients_everywhere(module: nn.Module, output: Tensor) -> None:
    output.square().sum().backward()
    without = [n for n, p in module.named_parameters() if p.grad is None or not p.grad.any()]
    assert not without


def test_channel_norm_is_layer_norm_at_each_place() -> None:
    norm, x = randomised(LayerNorm2d(5)), torch.randn(2, 5, 3, 4).double()
    y = norm(x)
    assert y.shape == x.shape
    for b, i, j in [(0, 0, 0), (1, 2, 3), (0, 1, 2)]:
        place = F.layer_norm(x[b, :, i, j], (5,), norm.weight, norm.bias)
        torch.testing.assert_close(y[b, :, i, j], place)


def test_block_is_every_other_place_of_a_convolution_normalised() -> None:
    block, x = randomised(ConvolutionBlock(2, 3)), torch.randn(1, 2, 4, 5).double()
    convolution = block.convolution
    assert isinstance(convolution, nn.Conv2d)
    everywhere = F.conv2d(F.pad(x, (1, 1, 1, 1)), convolution.weight, convolution.bias)
    norm = block.norm
    assert isinstance(norm, LayerNorm2d)
    torch.testing.assert_close(block(x), norm(everywhere[..., ::2, ::2]).clamp(min=0))


@settings(max_examples=25, deadline=None)
@given(
    batch=st.integers(1, 3),
    channels=st.integers(1, 3),
    height=st.integers(1, 33),
    breadth=st.integers(1, 33),
    stages=STAGES,
)
def test_a_image_has_a_token_for_each_cell(
    batch: int, channels: int, height: int, breadth: int, stages: list[int]
) -> None:
    encoder = ConvolutionalEncoder(channels, width=6, stages=stages)
    tokens = encoder(torch.randn(batch, channels, height, breadth))
    factor = 2 ** (len(stages) + 1)
    assert tokens.values.shape == (batch, -(-height // factor) * -(-breadth // factor), 6)
    assert tokens.mask.all()


def test_a_cell_sees_its_place_and_cells_are_in_reading_order() -> None:
    encoder = randomised(ConvolutionalEncoder(width=8, stages=(4,)))
    image = torch.zeros(1, 1, 16, 24).double()
    dotted = image.clone()
    dotted[..., 8, 16] = 1.0  # the centre of row 2, column 4 of 4 x 6 cells, and seen by no other
    changed = (encoder(dotted).values != encoder(image).values).any(dim=-1)[0]
    assert changed.nonzero().tolist() == [[2 * 6 + 4]]


def test_a_image_does_not_depend_on_its_batch() -> None:
    encoder = randomised(ConvolutionalEncoder(width=8, stages=(4,))).train()
    images = torch.randn(3, 1, 9, 9).double()
    torch.testing.assert_close(encoder(images).values[1:2], encoder(images[1:2]).values)


def test_gradients_reach_every_parameter() -> None:
    torch.manual_seed(0)
    images = ConvolutionalEncoder(3, width=8, stages=(4, 4))
    assert_gradients_everywhere(images, images(torch.randn(2, 3, 13, 10)).values)
    spectrograms = SpectrogramEncoder(10, width=8, stages=(4, 4))
    assert_gradients_everywhere(spectrograms, spectrograms(torch.randn(2, 13, 10)).values)


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28), (2, 3, 28, 28), (2, 1, 1, 28, 28)])
def test_other_images_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(batch, 1, height, width\), not \(\d"):
        ConvolutionalEncoder(width=8)(torch.zeros(shape))


@settings(max_examples=25, deadline=None)
@given(
    batch=st.integers(1, 3),
    frames=st.integers(1, 20),
    mels=st.integers(1, 20),
    stages=STAGES,
    seed=st.integers(0, 99),
)
def test_a_token_is_real_where_the_frame_at_its_centre_is(
    batch: int, frames: int, mels: int, stages: list[int], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    mask = torch.rand(batch, frames, generator=generator) < 0.3
    tokens = SpectrogramEncoder(mels, width=6, stages=stages)(
        Tokens(torch.randn(batch, frames, mels, generator=generator), mask)
    )
    factor = 2 ** len(stages)
    assert tokens.values.shape == (batch, -(-frames // factor), 6)
    assert tokens.mask.tolist() == [row[::factor] for row in mask.tolist()]


def test_a_tensor_is_a_spectrogram_of_real_frames() -> None:
    encoder, x = randomised(SpectrogramEncoder(8, width=6, stages=(4,))), torch.randn(2, 7, 8)
    tokens, same = encoder(x.double()), encoder(Tokens.of(x.double()))
    assert tokens.mask.all()
    torch.testing.assert_close(tokens.values, same.values, rtol=0, atol=0)


@settings(max_examples=25, deadline=None)
@given(real=st.integers(1, 15), padding=st.integers(0, 12), seed=st.integers(0, 99))
def test_padded_frames_cannot_be_heard(real: int, padding: int, seed: int) -> None:
    encoder = randomised(SpectrogramEncoder(10, width=6, stages=(4, 5)), seed)
    clip = torch.randn(1, real, 10).double()
    alone = encoder(clip)
    noise = torch.full((1, padding, 10), torch.nan).double()
    mask = torch.arange(real + padding)[None] < real
    padded = encoder(Tokens(torch.cat([clip, noise], dim=1), mask))
    steps = alone.mask.shape[1]
    assert padded.mask.sum() == steps and padded.mask[0, :steps].all()
    torch.testing.assert_close(padded.values[:, :steps], alone.values)
    torch.testing.assert_close(padded.mean(), alone.mean())


def test_a_spectrogram_without_a_real_frame_is_absent() -> None:
    encoder = SpectrogramEncoder(8, width=6, stages=(4,))
    tokens = encoder(Tokens(torch.full((2, 5, 8), torch.nan), torch.zeros(2, 5).bool()))
    assert not tokens.present().any()
    assert tokens.values.isfinite().all()


def test_frequency_is_told_apart_and_not_averaged() -> None:
    """Two clips with one tone each, eight bands apart and far from the edges."""
    encoder = randomised(SpectrogramEncoder(40, width=6, stages=(4,)))
    low, high = torch.zeros(2, 1, 8, 40).double()
    low[..., 12], high[..., 20] = 1.0, 1.0
    assert (encoder(low).mean() - encoder(high).mean()).abs().max() > 0.01


@pytest.mark.parametrize("shape", [(40,), (50, 40), (2, 50, 39), (2, 1, 50, 40)])
def test_other_spectrograms_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"must .*of? shape|must have shape"):
        SpectrogramEncoder(40, width=8)(torch.zeros(shape))

"""A decoder that draws: shapes, modulation by a formula, and what noise and words decide."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.decoders import FiLM, ImageGenerator
from mmbook.tokens import Tokens


def told(batch: int, width: int = 6) -> Tokens:
    return Tokens.of(torch.randn(batch, 3, width))


@settings(max_examples=10)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_images_are_square_grey_and_bounded(batch, quarter, noise, channels):
    generator = ImageGenerator(6, noise, 4 * quarter, channels, hidden=5).eval()
    images = generator(told(batch), torch.randn(batch, noise))
    assert images.shape == (batch, 1, 4 * quarter, 4 * quarter)
    assert images.abs().max() <= 1


def test_film_scales_and_shifts_each_channel():
    film = FiLM(5, 3)
    maps, condition = torch.randn(2, 3, 4, 4), torch.randn(2, 5)
    numbers = condition @ film.linear.weight.T + film.linear.bias  # (2, 6)
    for row in range(2):
        for channel in range(3):
            scale, shift = numbers[row, channel], numbers[row, 3 + channel]
            expected = maps[row, channel] * (1 + scale) + shift
            torch.testing.assert_close(film(maps, condition)[row, channel], expected)


def test_noise_and_words_reach_the_image_by_every_map():
    """Where the first map is nothing, what modulates the others still decides what is drawn."""
    generator = ImageGenerator(6, noise=4, size=8).eval()
    with torch.no_grad():
        generator.maps[0].weight.zero_()
    tokens, noise = told(2), torch.randn(2, 4)
    values = tokens.values.requires_grad_()
    generator(Tokens.of(values), noise.requires_grad_()).square().sum().backward()
    assert values.grad.flatten(1).any(dim=1).all() and noise.grad.any(dim=1).all()


def test_every_weight_learns():
    generator = ImageGenerator(6, noise=4, size=8)
    generator(told(4), torch.randn(4, 4)).square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in generator.parameters())


def test_in_training_maps_are_normalised_over_the_batch():
    generator = ImageGenerator(6, noise=4, size=8).train()
    seen = []
    for norm in generator.norms:
        norm.register_forward_hook(lambda *args: seen.append(args[2]))
    generator(told(16), torch.randn(16, 4))
    assert len(seen) == 3
    for maps in seen:
        torch.testing.assert_close(
            maps.mean((0, 2, 3)), torch.zeros(maps.shape[1]), atol=1e-5, rtol=0
        )


def test_padding_decides_nothing():
    generator, noise = ImageGenerator(6, noise=4, size=8).eval(), torch.randn(2, 4)
    tokens = told(2)
    spoilt = torch.cat([tokens.values, torch.full((2, 1, 6), torch.nan)], dim=1)
    mask = torch.tensor([[True, True, True, False]] * 2)
    torch.testing.assert_close(generator(tokens, noise), generator(Tokens(spoilt, mask), noise))


def test_what_does_not_fit_is_refused():
    for size in (2, 10):
        with pytest.raises(ValueError, match=f"multiple of 4 pixels, not {size}"):
            ImageGenerator(6, size=size)
    generator = ImageGenerator(6, noise=4, size=8)
    for shape in ((2, 5), (3, 4), (2, 4, 1)):
        with pytest.raises(ValueError, match=r"noise must be \(batch, noise\) = \(2, 4\)"):
            generator(told(2), torch.randn(*shape))

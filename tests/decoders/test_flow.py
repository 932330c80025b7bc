"""A flow decoder: its way from noise to data, guidance, and what the tokens have to say."""

import pytest
import torch
from torch import Tensor

from mmbook.decoders import FlowDecoder, guided, integrate, velocity_to
from mmbook.tokens import Tokens

MEAN, DEVIATION = 1.5, 0.4


def between_gaussians(x: Tensor, time: Tensor) -> Tensor:
    """The velocity that takes N(0, 1) to N(MEAN, DEVIATION²); see the test of the loss."""
    t = time[:, None]
    slope = (t * DEVIATION**2 - (1 - t)) / ((1 - t) ** 2 + (t * DEVIATION) ** 2)
    return MEAN + slope * (x - t * MEAN)


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("heun", 2)])
def test_the_error_of_the_way_falls_with_the_power_of_the_method(method, order: int) -> None:
    noise = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    exact = MEAN + DEVIATION * noise  # where each number ends, of itself
    errors = [
        (integrate(between_gaussians, noise, steps, method) - exact).abs().max().item()
        for steps in (64, 128)
    ]
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.1)
    assert errors[1] < 0.02


def test_a_straight_way_is_gone_in_one_step() -> None:
    noise, end = torch.randn(3, 2, 4), torch.randn(3, 2, 4)
    for steps in (1, 3):
        found = integrate(lambda x, t: velocity_to(end, x, t), noise, steps)
        torch.testing.assert_close(found, end)


def test_a_velocity_stays_finite_at_the_end() -> None:
    assert velocity_to(torch.ones(1, 2), torch.zeros(1, 2), torch.ones(1)).tolist() == [[20, 20]]


@pytest.mark.parametrize(("steps", "method"), [(0, "euler"), (3, "midpoint")])
def test_a_way_that_there_is_not_is_refused(steps: int, method) -> None:
    with pytest.raises(ValueError, match=f"not {steps} by '{method}'"):
        integrate(between_gaussians, torch.zeros(1, 1), steps, method)


def test_guidance_goes_on_from_the_untold_past_the_told() -> None:
    def told(x: Tensor, time: Tensor) -> Tensor:
        return 3 * x

    def untold(x: Tensor, time: Tensor) -> Tensor:
        return x

    x, time = torch.ones(1, 1), torch.zeros(1)
    assert guided(told, untold, 1) is told
    assert [guided(told, untold, scale)(x, time).item() for scale in (0, 2)] == [1, 5]


def decoder(**settings) -> FlowDecoder:
    torch.manual_seed(0)
    return FlowDecoder(16, **{"size": 8, "channels": 8, "layers": 1, **settings}).eval()


def asked(batch: int = 2, size: int = 8) -> tuple[Tokens, Tensor, Tensor]:
    torch.manual_seed(1)
    tokens = Tokens.of(torch.randn(batch, 5, 16))
    return tokens, torch.randn(batch, 3, size, size), torch.rand(batch)


@pytest.mark.parametrize("size", [4, 8, 12])
def test_a_picture_has_the_size_of_the_noise(size: int) -> None:
    assert decoder(size=size)(*asked(size=size)).shape == (2, 3, size, size)


def test_what_is_no_token_has_no_say() -> None:
    tokens, x, time = asked()
    short = Tokens(tokens.values, torch.tensor([[True] * 3 + [False] * 2] * 2))
    cut = Tokens.of(tokens.values[:, :3])
    spoilt = Tokens(short.values.masked_fill(~short.mask[..., None], torch.nan), short.mask)
    found = decoder()(cut, x, time)
    torch.testing.assert_close(decoder()(short, x, time), found)
    torch.testing.assert_close(decoder()(spoilt, x, time), found)


def test_without_any_token_it_draws_all_the_same() -> None:
    tokens, x, time = asked()
    nothing = tokens.masked(torch.tensor([False, True]))
    drawn, told = decoder()(nothing, x, time), decoder()(tokens, x, time)
    assert drawn.isfinite().all()
    assert not drawn[0].isclose(told[0]).all()
    torch.testing.assert_close(drawn[1], told[1])


def test_every_token_and_the_time_change_the_picture() -> None:
    tokens, x, time = asked()
    values, times = tokens.values.requires_grad_(), time.requires_grad_()
    decoder()(tokens, x, times).square().sum().backward()
    assert values.grad is not None and (values.grad.abs().sum(dim=2) > 0).all()
    assert times.grad is not None and (times.grad != 0).all()


def test_every_weight_learns() -> None:
    model = decoder().train()
    model(*asked()).square().sum().backward()
    with torch.no_grad():  # the last convolutions of blocks begin at zero
        for weight in model.parameters():
            weight.add_(1e-2 * torch.randn_like(weight))
    model.zero_grad()
    model(*asked()).square().sum().backward()
    still = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 4, and channels of 8, not 10, 16 and 8"):
        decoder(size=10)
    tokens, x, time = asked()
    with pytest.raises(ValueError, match=r"x \(2, 3, 8, 8\) and times \(2,\), not \(2, 3, 8, 4\)"):
        decoder()(tokens, x[..., :4], time)
    with pytest.raises(ValueError, match=r"and \(1,\)$"):
        decoder()(tokens, x, time[:1])

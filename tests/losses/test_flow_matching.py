"""Flow matching against what is known in closed form of two Gaussians."""

import pytest
import torch

from mmbook.losses import between, flow_matching

MEAN, DEVIATION = 1.5, 0.4  # of the data; the noise has 0 and 1


def exact(time: float) -> tuple[float, float]:
    """a and b of the best velocity a + b x between the two, from the covariances of x_t."""
    variance = (1 - time) ** 2 + (time * DEVIATION) ** 2
    slope = (time * DEVIATION**2 - (1 - time)) / variance
    return MEAN - slope * time * MEAN, slope


@pytest.mark.parametrize("time", [0.0, 0.3, 0.9])
def test_the_velocity_between_gaussians_is_where_the_loss_has_no_slope(time: float) -> None:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(200_000, 1, generator=generator, dtype=torch.float64)
    data = MEAN + DEVIATION * torch.randn(200_000, 1, generator=generator, dtype=torch.float64)
    times = torch.full((200_000,), time, dtype=torch.float64)

    def slopes(a: float, b: float) -> list[float]:
        line = torch.tensor([a, b], dtype=torch.float64, requires_grad=True)
        loss = flow_matching(lambda x, _: line[0] + line[1] * x, noise, data, times)
        assert loss.count == 200_000
        (found,) = torch.autograd.grad(loss.mean(), line)
        return found.tolist()

    a, b = exact(time)
    assert slopes(a, b) == pytest.approx([0, 0], abs=0.02)
    assert min(map(abs, slopes(a + 0.1, b + 0.1))) > 0.1


def test_on_the_way_from_noise_to_data_each_row_has_its_own_time() -> None:
    noise, data = torch.zeros(3, 2, 2), torch.ones(3, 2, 2)
    found = between(noise, data, torch.tensor([0.0, 0.25, 1.0]))
    assert found.mean(dim=(1, 2)).tolist() == [0, 0.25, 1]


def test_a_velocity_is_asked_on_the_way_and_compared_with_the_whole_way() -> None:
    noise, data, time = torch.randn(4, 3), torch.randn(4, 3), torch.rand(4)
    asked = []

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        asked.append((x, t))
        return torch.zeros_like(x)

    loss = flow_matching(velocity, noise, data, time)
    torch.testing.assert_close(loss.total, (data - noise).square().sum())
    ((x, t),) = asked
    assert t.equal(time)
    torch.testing.assert_close(x, noise + time[:, None] * (data - noise))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one shape, not \(2, 3\) and \(2, 1\)"):
        between(torch.zeros(2, 3), torch.zeros(2, 1), torch.zeros(2))
    with pytest.raises(ValueError, match=r"times must be \(2,\), one a row, not \(3,\)"):
        between(torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(3))

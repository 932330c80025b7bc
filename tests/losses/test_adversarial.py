"""The losses of adversaries against plain formulas, in values and gradients."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.losses import (
    Loss,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    hinge_discriminator_loss,
    hinge_generator_loss,
    minimax_generator_loss,
)

PAIRS: dict[Callable[[Tensor, Tensor], Loss], Callable[[Tensor, Tensor], Tensor]] = {
    discriminator_loss: lambda real, made: -real.sigmoid().log() - (1 - made.sigmoid()).log(),
    hinge_discriminator_loss: lambda real, made: (
        torch.where(real < 1, 1 - real, 0 * real) + torch.where(made > -1, 1 + made, 0 * made)
    ),
}
SINGLE: dict[Callable[[Tensor], Loss], Callable[[Tensor], Tensor]] = {
    generator_loss: lambda made: -made.sigmoid().log(),
    minimax_generator_loss: lambda made: (1 - made.sigmoid()).log(),
    hinge_generator_loss: lambda made: -made,
}


def scores(count: int) -> list[Tensor]:
    return [(3 * torch.randn(7, dtype=torch.float64)).requires_grad_() for _ in range(count)]


@pytest.mark.parametrize("loss", [*PAIRS, *SINGLE])
def test_values_and_gradients_are_those_of_the_formula(loss) -> None:
    given = scores(2 if loss in PAIRS else 1)
    plain = (PAIRS | SINGLE)[loss](*given)
    found = loss(*given)
    assert found.count == 7
    torch.testing.assert_close(found.total, plain.sum())
    expected = torch.autograd.grad(plain.sum(), given)
    torch.testing.assert_close(torch.autograd.grad(found.total, given), expected)


def test_they_are_binary_cross_entropies() -> None:
    real, generated = torch.randn(2, 5, 1, dtype=torch.float64)
    ones, zeros = torch.ones_like(real), torch.zeros_like(real)
    judged = F.binary_cross_entropy_with_logits(real, ones)
    judged += F.binary_cross_entropy_with_logits(generated, zeros)
    torch.testing.assert_close(discriminator_loss(real, generated).mean(), judged)
    made = F.binary_cross_entropy_with_logits(generated, ones)
    torch.testing.assert_close(generator_loss(generated).mean(), made)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (generator_loss, [-1.0, -0.5, 0.0]),
        (minimax_generator_loss, [0.0, -0.5, -1.0]),
        (hinge_generator_loss, [-1.0, -1.0, -1.0]),
    ],
)
def test_what_the_generator_learns_where_the_discriminator_is_sure(loss, expected) -> None:
    given = torch.tensor([-30.0, 0.0, 30.0], requires_grad=True)
    loss(given).total.backward()
    torch.testing.assert_close(given.grad, torch.tensor(expected))


def test_minimax_is_the_discriminators_loss_with_the_other_sign() -> None:
    real, generated = torch.randn(2, 5, dtype=torch.float64)
    constant = discriminator_loss(real, torch.full_like(real, -100)).total
    total = discriminator_loss(real, generated).total + minimax_generator_loss(generated).total
    torch.testing.assert_close(total, constant)


@pytest.mark.parametrize("loss", PAIRS)
def test_scores_of_other_shapes_are_refused(loss) -> None:
    with pytest.raises(ValueError, match=r"one shape, not \(2, 1\) and \(2,\)"):
        loss(torch.zeros(2, 1), torch.zeros(2))


def test_the_penalty_of_a_linear_score_is_half_its_squared_weights() -> None:
    weight = torch.randn(4, dtype=torch.float64, requires_grad=True)
    images = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    found = gradient_penalty(images @ weight, images)
    assert found.count == 5
    torch.testing.assert_close(found.mean(), weight.square().sum() / 2)
    (slope,) = torch.autograd.grad(found.mean(), weight)
    torch.testing.assert_close(slope, weight)


def test_the_penalty_is_that_of_finite_differences_and_so_is_its_gradient() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    images = torch.randn(2, 3, dtype=torch.float64)

    def penalty(*weights: Tensor) -> Tensor:
        named = dict(zip(dict(network.named_parameters()), weights, strict=True))
        asked = images.clone().requires_grad_()
        found = torch.func.functional_call(network, named, (asked,)).squeeze(1)
        return gradient_penalty(found, asked).total

    small, by_hand = 1e-5, 0.0
    for row in range(2):
        for place in range(3):
            step = torch.zeros(2, 3, dtype=torch.float64)
            step[row, place] = small
            rise = (network(images + step) - network(images - step))[row, 0] / (2 * small)
            by_hand += rise.item() ** 2 / 2
    assert penalty(*network.parameters()).item() == pytest.approx(by_hand, rel=1e-6)
    assert torch.autograd.gradcheck(penalty, tuple(network.parameters()))


def test_a_penalty_without_a_slope_is_refused() -> None:
    images = torch.randn(2, 3, requires_grad=True)
    with pytest.raises(ValueError, match=r"one an image, not \(2, 3\)"):
        gradient_penalty(images * 2, images)
    with pytest.raises(ValueError, match="images that require a gradient"):
        gradient_penalty(images.detach().sum(1), images.detach())
    with pytest.raises(ValueError, match="must come from images"):
        gradient_penalty(images.detach().sum(1), images)

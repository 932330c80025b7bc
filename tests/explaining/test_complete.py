"""Integrated gradients within a tolerance: against exact results, kinks, Captum, and jumps."""

import pytest
import torch
from captum import attr
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mmbook.datasets.digits.bank import load_bank
from mmbook.datasets.digits.items import Corruption, draw
from mmbook.explaining import (
    LogProbabilities,
    OneSense,
    integrated_gradients,
    integrated_gradients_within,
    target_scores,
)
from mmbook.explaining.complete import PIECES
from mmbook.models import load_pretrained
from tests.explaining.networks import Formula, linear, pictures, smooth_network

TARGET = torch.tensor([2, 0, 1])


def test_a_linear_model_needs_the_first_pieces_only():
    network, x, base = linear(), torch.randn(3, 3, 4).double(), torch.randn(3, 4).double()
    weights = network[1].weight[TARGET].view(3, 3, 4).detach()
    found = integrated_gradients_within(network, x, TARGET, base, 1e-9, most=PIECES)
    torch.testing.assert_close(found, weights * (x - base))


@given(kink=st.floats(0.01, 0.99), slope=st.floats(-20, 20))
def test_one_kink_anywhere_is_found(kink: float, slope: float):
    """a + slope · max(0, a + b - 2 kink) from (0, 0) to (1, 1): what each gets is exact."""
    bent = Formula(lambda x: x[:, :1] + slope * (x.sum(1, keepdim=True) - 2 * kink).clamp(min=0))
    x = torch.ones(1, 2).double()
    found = integrated_gradients_within(bent, x, 0, tolerance=1e-4)[0]
    exact = torch.tensor([1 + slope * (1 - kink), slope * (1 - kink)]).double()
    torch.testing.assert_close(found, exact, atol=2e-4, rtol=0)


def test_many_kinks_are_shared_out_as_they_exactly_are():
    """A ReLU layer: between the kinks of its units, sorted, slopes are constant."""
    torch.manual_seed(0)
    first, last = nn.Linear(5, 40), nn.Linear(40, 2)
    network = nn.Sequential(first, nn.ReLU(), last).double()
    x, base = torch.randn(1, 5).double(), torch.randn(1, 5).double()
    at, rise = first(base)[0], (x - base)[0] @ first.weight.T  # of each unit: at + t · rise
    on = torch.where(at > 0, 1.0, 0.0)
    cross = -at / rise
    inside = (cross > 0) & (cross < 1)
    share = torch.where(inside, torch.where(at > 0, cross, 1 - cross), on)  # of the way it is on
    exact = (x - base)[0] * ((share * last.weight[1]) @ first.weight)
    found = integrated_gradients_within(network, x, 1, base, 1e-4)
    assert int(inside.sum()) > 5
    torch.testing.assert_close(found[0], exact.detach(), atol=1e-3, rtol=0)
    fixed = integrated_gradients(network, x, 1, base, steps=PIECES)
    assert (fixed[0] - exact).abs().max() > 5 * (found[0] - exact).abs().max()


def test_of_a_smooth_network_captum_says_the_same():
    network, x, base = smooth_network().eval(), pictures(), pictures(6)[3:]
    theirs = attr.IntegratedGradients(network).attribute(x, base, TARGET, n_steps=200)
    found = integrated_gradients_within(network, x, TARGET, base, 1e-6)
    torch.testing.assert_close(found, theirs, atol=1e-6, rtol=1e-4)
    rise = target_scores(network, x, TARGET) - target_scores(network, base, TARGET)
    assert (found.flatten(1).sum(1) - rise).abs().max() <= 1e-6


def test_each_sample_gets_the_pieces_that_it_needs():
    """A step, nearly: fixed steps miss it; beside an easy sample nothing of that one changes."""
    steep = Formula(lambda x: torch.sigmoid(3000 * (x.mean(1, keepdim=True) - 0.301)))
    x = torch.tensor([[1.0, 1.0], [0.2, 0.2]]).double()
    found = integrated_gradients_within(steep, x, 0)
    assert (found.sum(1) - torch.tensor([1.0, 0.0])).abs().max() < 1e-3
    assert (integrated_gradients(steep, x, 0, steps=64).sum(1)[0] - 1).abs() > 0.1
    torch.testing.assert_close(integrated_gradients_within(steep, x[1:], 0), found[1:])


def test_large_gaps_that_cancel_are_no_agreement():
    """A kink up and a kink down, 0.01 before the middles of their pieces: at once the sum fits."""
    up, down = 0.5 / PIECES - 0.01, 1.5 / PIECES - 0.01
    weights = torch.tensor([50.0, -50.0]).double()

    def wave(x: torch.Tensor) -> torch.Tensor:
        """The first input bends up at one place of the way, the second down at another."""
        return ((x - torch.tensor([up, down], dtype=torch.float64)).clamp(min=0) @ weights)[:, None]

    x = torch.ones(1, 2).double()
    rise = target_scores(Formula(wave), x, 0) - target_scores(Formula(wave), 0 * x, 0)
    equal = integrated_gradients(Formula(wave), x, 0, steps=PIECES)
    assert equal.sum().item() == pytest.approx(rise.item(), abs=1e-9)
    exact = torch.tensor([[50 * (1 - up), -50 * (1 - down)]], dtype=torch.float64)
    assert (equal - exact).abs().max() > 2
    found = integrated_gradients_within(Formula(wave), x, 0)
    torch.testing.assert_close(found, exact, atol=1e-3, rtol=0)


def test_what_no_steps_can_sum_is_refused():
    jump = Formula(lambda x: x.sum(1, keepdim=True) + (x[:, :1] > 0.4).double())
    easy = torch.tensor([[0.1, 0.1], [1.0, 1.0]]).double()
    with pytest.raises(ValueError, match=r"sample 1 .* by 1, .* at 0\.(39|40).* the score jumps"):
        integrated_gradients_within(jump, easy, 0)
    with pytest.raises(ValueError, match="8 pieces of the way; raise `most`"):
        integrated_gradients_within(smooth_network(), pictures(), TARGET, tolerance=1e-9, most=8)


@pytest.mark.parametrize(
    ("tolerance", "most", "said"),
    [
        (0.0, 64, "tolerance must be above 0 and finite, not 0.0"),
        (-1.0, 64, "tolerance must be above 0"),
        (float("nan"), 64, "tolerance must be above 0"),
        (1.0, 7, "most must be 8 or more, a whole number, not 7"),
        (1.0, 9.5, "most must be 8 or more, a whole number, not 9.5"),
    ],
)
def test_settings_out_of_range_are_refused(tolerance: float, most: int, said: str):
    with pytest.raises(ValueError, match=said):
        integrated_gradients_within(linear(), torch.zeros(1, 3, 4).double(), 0, 0, tolerance, most)


def test_it_works_where_gradients_are_off():
    network, x = smooth_network(), pictures(1)
    expected = integrated_gradients_within(network, x, 0)
    for off in (torch.no_grad(), torch.inference_mode()):
        with off:
            found = integrated_gradients_within(network, x, 0)
        torch.testing.assert_close(found, expected)


def test_a_shipped_network_of_digits_is_shared_out_completely():
    eye = LogProbabilities(OneSense(load_pretrained("mnist"), "image"))
    x = draw(load_bank("test"), 1, corruption=Corruption(), seed=3).inputs["image"]
    found = integrated_gradients_within(eye, x, 7, tolerance=1e-3)
    rise = target_scores(eye, x, 7) - target_scores(eye, torch.zeros_like(x), 7)
    assert (found.flatten(1).sum(1, dtype=torch.float64) - rise).abs().max() <= 1e-3

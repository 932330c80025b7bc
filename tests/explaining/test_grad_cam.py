"""Grad-CAM is exact where places are averaged, and says where it cannot be asked."""

import pytest
import torch
from torch import nn

from mmbook.explaining import grad_cam
from tests.explaining.networks import pictures, smooth_network


def test_where_places_are_averaged_it_is_the_last_layer_at_each_place():
    network, x, target = smooth_network().eval(), pictures(), torch.tensor([0, 1, 3])
    features = network.features(x)  # (n, 6, 8, 6)
    share = torch.einsum("nk,nkij->nij", network.last.weight[target], features) / 48
    found = grad_cam(network, x, target, network.features)
    torch.testing.assert_close(found, share.relu().detach())
    scores = network(x).gather(1, target[:, None])[:, 0] - network.last.bias[target]
    torch.testing.assert_close(share.sum((1, 2)), scores)  # before the ReLU nothing is lost


class Awkward(nn.Module):
    """A part that runs twice, one that runs never, one that makes no map, one that is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.twice, self.never, self.flat = nn.Identity(), nn.Identity(), nn.Flatten()
        self.ignored = nn.Conv2d(2, 3, 1).double()

    def forward(self, x):
        self.ignored(x)
        return self.flat(self.twice(self.twice(x)))[:, :4]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("twice", "ran 2 times"),
        ("never", "ran 0 times"),
        ("flat", "must make a map"),
        ("ignored", "do not depend on the layer"),
    ],
)
def test_a_layer_that_is_no_single_map_is_refused(name, said):
    network = Awkward()
    with pytest.raises(ValueError, match=said):
        grad_cam(network, pictures(), 0, getattr(network, name))
    assert not getattr(network, name)._forward_hooks


def test_a_layer_of_another_network_is_refused():
    with pytest.raises(ValueError, match="a Identity, is no part of the model"):
        grad_cam(smooth_network(), pictures(), 0, nn.Identity())

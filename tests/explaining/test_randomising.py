"""A randomised network has the numbers of the trained one, in other places."""

import pytest
import torch
from torch import nn

from mmbook.explaining import randomised
from tests.explaining.networks import smooth_network


def network() -> nn.Module:
    torch.manual_seed(0)
    shared = nn.Linear(8, 8)
    return nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), shared, shared, nn.Linear(8, 2))


def test_the_same_numbers_lie_elsewhere():
    trained = network()
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    made = randomised(trained, seed=1)
    for name, weight in made.named_parameters():
        old = before[name].flatten().sort().values
        assert torch.equal(weight.detach().flatten().sort().values, old)
        if weight.unique().numel() > 2:  # two numbers may be shuffled into their old places
            assert not torch.equal(weight, before[name])
    assert all(torch.equal(value, before[name]) for name, value in trained.state_dict().items())
    assert made[2] is made[3]  # what was shared stays shared


def test_a_seed_says_which():
    trained = smooth_network()
    same, again, other = (randomised(trained, seed).last.weight for seed in (1, 1, 2))
    assert torch.equal(same, again) and not torch.equal(same, other)


def test_only_the_parts_that_are_named():
    trained = network()
    made = randomised(trained, 0, ["4"])
    changed = [
        n for n, w in made.named_parameters() if not torch.equal(w, trained.get_parameter(n))
    ]
    assert changed == ["4.weight", "4.bias"] or changed == ["4.weight"]


def test_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no part 'head'; it has \\['features'"):
        randomised(smooth_network(), 0, ["head"])
    with pytest.raises(ValueError, match="no parameters in \\['dropout'\\]"):
        randomised(smooth_network(), 0, ["dropout"])

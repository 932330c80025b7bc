import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.training import SGD, AdamW, StackedModels

POINTS = torch.randn(60, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
CLASSES = POINTS[:, :3].argmax(dim=1)


def member(seed: int, dropout: float = 0.0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Dropout(dropout), nn.Linear(6, 3)).double()


def order(seed: int) -> Tensor:
    """(steps, batch)"""
    return torch.randint(0, 60, (20, 8), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("rule", [SGD, AdamW])
def test_members_train_as_they_would_alone(rule) -> None:
    seeds = (3, 4, 5)
    ensemble = StackedModels([member(seed) for seed in seeds])
    optimiser = rule(ensemble.parameters(), lr=0.1)
    for indices in torch.stack([order(seed) for seed in seeds], dim=1):  # (members, batch)
        scores = ensemble(POINTS[indices])  # (members, batch, classes)
        losses = F.cross_entropy(scores.mT, CLASSES[indices], reduction="none").mean(dim=1)
        losses.sum().backward()
        optimiser.step()
        optimiser.zero_grad()
    for number, seed in enumerate(seeds):
        alone = member(seed)
        own = rule(alone.parameters(), lr=0.1)
        for indices in order(seed):
            F.cross_entropy(alone(POINTS[indices]), CLASSES[indices]).backward()
            own.step()
            own.zero_grad()
        for name, value in alone.state_dict().items():
            torch.testing.assert_close(ensemble.weights_of(number)[name], value, rtol=0, atol=1e-12)


def test_dropout_draws_for_each_member_and_rests_in_evaluation() -> None:
    ensemble = StackedModels([member(1, 0.5)] * 2)
    inputs = POINTS.expand(2, -1, -1)
    first, second = ensemble(inputs)
    assert not torch.equal(first, second)
    first, second = ensemble.eval()(inputs)
    assert torch.equal(first, second)
    torch.testing.assert_close(first, member(1)(POINTS))


def test_it_counts_the_weights_of_all_members_and_leaves_them_alone() -> None:
    members = [member(1), member(2)]
    ensemble = StackedModels(members)
    count = sum(p.numel() for p in members[0].parameters())
    assert sum(p.numel() for p in ensemble.parameters()) == 2 * count
    with torch.no_grad():
        next(iter(ensemble.parameters())).zero_()
    assert members[0][0].weight.abs().sum() > 0


def test_no_member_or_running_statistics_are_refused() -> None:
    with pytest.raises(ValueError, match="one member at least"):
        StackedModels([])
    with pytest.raises(ValueError, match="none with buffers"):
        StackedModels([nn.BatchNorm1d(3)])

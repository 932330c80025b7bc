"""Averages are weighted, one client is plain SGD, many learn together, samples do not matter."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmbook.training.privacy import FederatedConfig, fit_federated, weighted_average


def blobs(n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.arange(n) % 2
    return torch.randn(n, 2, generator=generator) + 3.0 * targets[:, None], targets


def test_the_mean_counts_each_by_its_share() -> None:
    models = [
        {"w": torch.tensor([1.0, 2.0]), "n": torch.tensor(3)},
        {"w": torch.zeros(2), "n": torch.tensor(9)},
    ]
    found = weighted_average(models, [3, 1])
    assert torch.equal(found["w"], torch.tensor([0.75, 1.5])) and found["n"] == 3
    assert torch.equal(weighted_average(models, [0, 2])["w"], torch.zeros(2))


def test_one_client_is_plain_sgd() -> None:
    inputs, targets = blobs(20, 0)
    torch.manual_seed(0)
    ours, theirs = nn.Linear(2, 2), nn.Linear(2, 2)
    theirs.load_state_dict(ours.state_dict())
    fit_federated(ours, [(inputs, targets)], FederatedConfig(5, 1, 20, 0.3))
    optimiser = torch.optim.SGD(theirs.parameters(), lr=0.3)
    for _ in range(5):
        optimiser.zero_grad()
        F.cross_entropy(theirs(inputs), targets).backward()
        optimiser.step()
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_with_one_step_a_round_it_is_a_step_on_all_samples() -> None:
    clients = [blobs(n, seed) for seed, n in enumerate((30, 10, 20))]
    torch.manual_seed(0)
    ours, theirs = nn.Linear(2, 2), nn.Linear(2, 2)
    theirs.load_state_dict(ours.state_dict())
    fit_federated(ours, clients, FederatedConfig(4, 1, 30, 0.3))
    inputs, targets = (torch.cat(parts) for parts in zip(*clients, strict=True))
    fit_federated(theirs, [(inputs, targets)], FederatedConfig(4, 1, 60, 0.3))
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_clients_of_one_class_each_learn_together_and_every_round_is_seen() -> None:
    inputs, targets = blobs(60, 0)
    clients = [(inputs[targets == k], targets[targets == k]) for k in range(2)]
    torch.manual_seed(0)
    model, seen = nn.Linear(2, 2), []
    fit_federated(model, clients, FederatedConfig(30, 1, 10, 0.1), lambda r, m: seen.append(r))
    assert seen == list(range(30)) and not model.training
    assert (model(inputs).argmax(1) == targets).float().mean() > 0.9


def test_a_share_of_the_clients_takes_part_and_it_repeats_itself() -> None:
    clients = [blobs(10, seed) for seed in range(5)]
    found = []
    for _ in range(2):
        torch.manual_seed(0)
        model = nn.Linear(2, 2)
        fit_federated(model, clients, FederatedConfig(3, 1, 5, 0.1, share=0.4, seed=1))
        found.append(model.weight.detach().clone())
    assert torch.equal(*found)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rounds": 0}, "rounds"),
        ({"local_epochs": 1.5}, "local_epochs"),
        ({"batch_size": True}, "batch_size"),
        ({"seed": -1}, "seed"),
        ({"learning_rate": math.nan}, "learning_rate"),
        ({"share": 0.0}, "share"),
        ({"share": 1.1}, "share"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        FederatedConfig(**settings)


def test_what_cannot_be_averaged_or_trained_is_refused() -> None:
    one = {"w": torch.ones(2)}
    for weights, shares in (
        ([], []),
        ([one], [1, 2]),
        ([one], [0]),
        ([one, one], [1, -1]),
        ([one], [math.nan]),
    ):
        with pytest.raises(ValueError, match="share"):
            weighted_average(weights, shares)
    with pytest.raises(ValueError, match="by name and shape"):
        weighted_average([one, {"w": torch.ones(3)}], [1, 1])
    with pytest.raises(ValueError, match="no clients"):
        fit_federated(nn.Linear(2, 2), [], FederatedConfig())
    inputs, targets = blobs(4, 0)
    for client in ((inputs, targets[:3]), (inputs[:0], targets[:0])):
        with pytest.raises(ValueError, match="client 1"):
            fit_federated(nn.Linear(2, 2), [(inputs, targets), client], FederatedConfig())
    with pytest.raises(FloatingPointError, match="round"):
        fit_federated(
            nn.Linear(2, 2), [(1e30 * inputs, targets)], FederatedConfig(9, learning_rate=1e30)
        )

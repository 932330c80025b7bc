"""Federated averaging: the samples stay with their owners, and only weights travel."""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.training.optimisers.gradient_descent import SGD

Client = tuple[Tensor, Tensor]  # the inputs (n, ...) and targets (n, ...) of one owner
Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class FederatedConfig:
    """The settings of one federated run.

    local_epochs: how often a client goes through its samples in a round. share: of the clients,
    drawn anew in each round, that take part in it. Raises ValueError for a value out of its range.
    """

    rounds: int = 20
    local_epochs: int = 1
    batch_size: int = 10
    learning_rate: float = 0.05
    share: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in {"rounds": 1, "local_epochs": 1, "batch_size": 1, "seed": 0}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} must be a whole number from {least} up, not {value!r}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate must be positive, not {self.learning_rate!r}")
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, not {self.share!r}")


def weighted_average(weights: Sequence[Weights], shares: Sequence[float]) -> dict[str, Tensor]:
    """The mean of several models' weights, by name, each counted by its share of the total.

    What is no floating-point number, such as a counter, is taken from the first. Raises ValueError
    without models, for other names or shapes than the first one's, or for shares that are negative,
    not finite or add up to nothing.
    """
    if not weights or len(weights) != len(shares):
        raise ValueError(f"each of {len(weights)} models needs its share, not {len(shares)} shares")
    total = sum(shares)
    if not all(0 <= share < math.inf for share in shares) or not 0 < total < math.inf:
        raise ValueError(f"shares must be zero or positive, and some positive, not {list(shares)}")
    first = weights[0]
    forms = [{name: values.shape for name, values in one.items()} for one in weights]
    if any(form != forms[0] for form in forms):
        raise ValueError("models must have the same weights, by name and shape")
    return {
        name: torch.stack(
            [w[name] * (n / total) for w, n in zip(weights, shares, strict=True)]
        ).sum(0)
        if values.is_floating_point()
        else values.clone()
        for name, values in first.items()
    }


def train_locally(
    model: nn.Module, client: Client, config: FederatedConfig, generator: torch.Generator
) -> None:
    """A client's part of a round, in place: plain SGD through its own samples."""
    inputs, targets = client
    optimiser = SGD([p for p in model.parameters() if p.requires_grad], lr=config.learning_rate)
    model.train()
    for _ in range(config.local_epochs):
        order = torch.randperm(len(targets), generator=generator)
        for rows in order.split(config.batch_size):
            optimiser.zero_grad()
            with torch.inference_mode(False), torch.enable_grad():
                F.cross_entropy(model(inputs[rows]), targets[rows]).backward()
            optimiser.step()


def fit_federated(
    model: nn.Module,
    clients: Sequence[Client],
    config: FederatedConfig,
    after_round: Callable[[int, nn.Module], None] | None = None,
) -> nn.Module:
    """Train a model in place on what several clients hold, without moving a sample.

    In a round each client that takes part trains a copy of the model on its own samples; the model
    becomes the mean of the copies, each counted by its samples. With one client it is plain SGD.
    after_round: looks at the model in evaluation mode, which is how it is left too.
    Raises ValueError without clients, or for one without samples or with other numbers of inputs
    and targets, and FloatingPointError where a weight is not finite.
    Source: McMahan et al. 2017, algorithm 1.
    """
    if not clients:
        raise ValueError("there are no clients")
    for place, (inputs, targets) in enumerate(clients):
        if len(inputs) != len(targets) or not len(targets):
            raise ValueError(
                f"client {place} needs as many inputs as targets, one at least, not "
                f"{len(inputs)} and {len(targets)}"
            )
    generator = torch.Generator().manual_seed(config.seed)
    taking_part = max(1, round(config.share * len(clients)))
    for number in range(config.rounds):
        drawn = torch.randperm(len(clients), generator=generator)[:taking_part].tolist()
        sent = []
        for place in sorted(drawn):
            local = copy.deepcopy(model)
            train_locally(local, clients[place], config, generator)
            sent.append(local.state_dict())
        counts = [len(clients[place][1]) for place in sorted(drawn)]
        model.load_state_dict(weighted_average(sent, counts))
        if not all(p.isfinite().all() for p in model.parameters()):
            raise FloatingPointError(f"after round {number + 1} a weight is not finite")
        model.eval()
        if after_round:
            after_round(number, model)
    return model

"""Speakers who train one recogniser of digits together, and never send a sound."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from mmbook.datasets.digits.takes import NEW, Takes
from mmbook.evaluation import Row, accuracy
from mmbook.experiments.privacy.config import FederationConfig
from mmbook.preprocessing.audio.features import features
from mmbook.training import seed_everything
from mmbook.training.privacy import FederatedConfig, fit_federated
from mmbook.training.privacy.federated import Client


def heard(corpus: Takes, frames: int) -> Tensor:
    """A row of numbers a clip, each standardised by itself, so that nothing is shared: (n, d)."""
    numbers = features("MFCC minus mean", corpus.clips, frames)
    return (numbers - numbers.mean(dim=1, keepdim=True)) / numbers.std(dim=1, keepdim=True)


def clients_of(inputs: Tensor, labels: Tensor, groups: list[int]) -> list[Client]:
    """The samples of each group, as a client."""
    numbers = torch.tensor(groups)
    return [(inputs[numbers == g], labels[numbers == g]) for g in sorted(set(groups))]


def groupings(speakers: list[str], labels: Tensor, seed: int) -> dict[str, list[int]]:
    """Three ways to give the same clips to as many clients: by speaker, dealt out, by digit."""
    names = sorted(set(speakers))
    by_speaker = [names.index(speaker) for speaker in speakers]
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(speakers), generator=generator)
    dealt = torch.empty(len(speakers), dtype=torch.long)
    dealt[order] = torch.arange(len(speakers)) % len(names)
    by_digit = torch.empty(len(speakers), dtype=torch.long)
    by_digit[labels.argsort(stable=True)] = (
        torch.arange(len(speakers)) * len(names) // len(speakers)
    )
    return {"by speaker": by_speaker, "dealt out": dealt.tolist(), "by digit": by_digit.tolist()}


def recogniser(inputs: int, hidden: int) -> nn.Sequential:
    """One hidden layer."""
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def measure(seed: int, config: FederationConfig, corpus: Takes, inputs: Tensor) -> list[Row]:
    """Accuracy on the speakers held out: in one place, together in three ways, and each alone."""
    unknown = corpus.held_out(NEW, seed, config.folds)
    known = (~unknown).nonzero().flatten().tolist()
    train, labels = inputs[known], corpus.labels[known]
    speakers = [corpus.speakers[place] for place in known]
    asked, expected = inputs[unknown], corpus.labels[unknown]

    def right(clients: list[Client], settings: FederatedConfig) -> float:
        seed_everything(seed)
        model = recogniser(train.shape[1], config.hidden)
        fit_federated(model, clients, replace(settings, seed=seed))
        with torch.no_grad():
            return accuracy(model(asked), expected)

    plain = config.training
    found = {"in one place": [right([(train, labels)], plain)]}
    own = clients_of(train, labels, groupings(speakers, labels, seed)["by speaker"])
    found["alone"] = [right([client], plain) for client in own]
    rows = [
        Row(system, "accuracy", seed, sum(values) / len(values), {"task": "speakers"})
        for system, values in found.items()
    ]
    epochs = config.many_epochs
    fewer = replace(plain, rounds=max(1, plain.rounds // epochs), local_epochs=epochs)
    for name, groups in groupings(speakers, labels, seed).items():
        clients = clients_of(train, labels, groups)
        for settings in (plain, fewer):
            at = {"task": "speakers", "local_epochs": settings.local_epochs}
            rows.append(Row(f"together, {name}", "accuracy", seed, right(clients, settings), at))
    return rows

"""Privacy: all parts end to end and tiny, and the pieces that decide what is measured."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.batch import Batch
from mmbook.evaluation.attacks import InversionConfig, membership_advantage
from mmbook.experiments.privacy import TIERS, accuracy, federation, inversion, membership, run
from mmbook.experiments.privacy.config import (
    AccuracyConfig,
    FederationConfig,
    InversionPart,
    MembershipConfig,
)
from mmbook.training.privacy import FederatedConfig, PrivateConfig

QUICK = PrivateConfig(2, 20, 0.1, clip=0.1)
TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    epsilons=(1.0, 8.0),
    accuracy=AccuracyConfig(QUICK, QUICK, cell=2),
    membership=MembershipConfig(
        models=19, pool=40, steps=3, early=1, private=replace(QUICK, batch_size=10), epsilons=(1.0,)
    ),
    federation=FederationConfig(FederatedConfig(2, 1, 50), takes=1, many_epochs=2),
    inversion=InversionPart(InversionConfig(2), pictures=2, batches=(1, 2), noises=(1.0,)),
)


def test_all_parts_are_measured_once(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for system in accuracy.SYSTEMS:
        assert set(result.curve(system, "accuracy", over="epsilon")) == {1.0, 8.0, None}
        spent = result.summary(system, "epsilon_spent", epsilon=8.0)[0]
        assert 7.5 < spent <= 8
        result.summary(f"{system}, not clipped", "accuracy", epsilon=None)
    for attack in membership.ATTACKS:
        for system in (membership.BY_HEART, membership.EARLY):
            result.summary(system, "advantage", attack=attack)
        result.summary(membership.PRIVATE, "found", attack=attack, epsilon=1.0)
    for name in ("by speaker", "dealt out", "by digit"):
        at = {"task": "speakers", "local_epochs": 2}
        result.summary(f"together, {name}", "accuracy", **at)
    result.summary("noisy", "squared_error", batch=1, noise=1.0)
    assert len(list(tmp_path.glob("seed-?/*.json"))) == 2 * 5
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_each_model_gets_a_random_half() -> None:
    members = membership.random_halves(200, 50, torch.Generator().manual_seed(0))
    assert (members.sum(dim=1) == 25).all()
    assert (members.float().mean(dim=0) - 0.5).abs().max() < 0.15


def test_many_models_side_by_side_train_as_one_alone() -> None:
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.rand(12, 1, 4, 4, generator=generator), torch.arange(12) % 10
    members = membership.random_halves(3, 12, generator)
    config = MembershipConfig(models=3, pool=12, hidden=5)
    torch.manual_seed(1)
    found = membership.fit_many(images, labels, members, 7, config)
    torch.manual_seed(1)
    alone = [membership.perceptron(16, 5) for _ in members][2]
    optimiser = torch.optim.Adam(alone.parameters(), lr=config.learning_rate)
    for _ in range(7):
        optimiser.zero_grad()
        scores = alone(images[members[2]])
        torch.nn.functional.cross_entropy(scores, labels[members[2]]).backward()
        optimiser.step()
    for one, other in zip(found[2].parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_the_threshold_is_the_best_on_the_shadows() -> None:
    generator = torch.Generator().manual_seed(0)
    members = torch.rand(300, generator=generator) < 0.5
    scores = torch.randn(300, generator=generator) + members
    cut = membership.best_threshold(scores, members)
    found = membership_advantage(scores, members, cut)
    tried = [membership_advantage(scores, members, float(t) + 1e-6) for t in scores]
    assert found == pytest.approx(max(tried))


def test_groups_hold_the_same_clips_and_say_who_has_what() -> None:
    speakers, labels = ["b", "a", "c"] * 20, torch.arange(60) % 10
    found = federation.groupings(speakers, labels, seed=0)
    assert all(sorted(set(groups)) == [0, 1, 2] for groups in found.values())
    assert found["by speaker"][:3] == [1, 0, 2]
    for name in ("dealt out", "by digit"):
        assert torch.bincount(torch.tensor(found[name])).tolist() == [20, 20, 20]
    inputs = torch.arange(60.0)[:, None]
    clients = federation.clients_of(inputs, labels, found["by digit"])
    assert [len(set(targets.tolist())) for _, targets in clients] == [4, 4, 4]
    assert sorted(torch.cat([x for x, _ in clients])[:, 0].tolist()) == list(range(60))


def test_a_defended_gradient_is_short_and_noisy() -> None:
    sent = {"w": torch.full((100,), 5.0), "b": torch.zeros(300)}
    generator = torch.Generator().manual_seed(0)
    clipped = inversion.defended(sent, 0.0, generator)
    assert torch.cat(list(clipped.values())).norm().item() == pytest.approx(1)
    noisy = inversion.defended(sent, 2.0, generator)
    assert noisy["b"].std().item() == pytest.approx(2, rel=0.15)
    short = inversion.defended({"w": torch.tensor([0.5])}, 0.0, generator)
    assert short["w"].item() == 0.5


def test_a_picture_is_recognised_in_its_gradient_and_not_in_noise() -> None:
    generator = torch.Generator().manual_seed(0)
    samples = Batch(
        {"image": torch.rand(30, 1, 8, 8, generator=generator)}, {"label": torch.arange(30) % 10}
    )
    part = InversionPart(InversionConfig(150, 0.1), pictures=2, batches=(1,), noises=(30.0,))
    found = {(r.system, r.metric): r.value for r in inversion.measure(0, part, samples)}
    assert found["plain", "recognised"] == found["clipped", "recognised"] == 1
    assert found["noisy", "recognised"] < 1
    assert found["plain", "squared_error"] < 0.02 < found["noisy", "squared_error"]


def test_networks_take_both_sizes() -> None:
    for side in (8, 28):
        assert inversion.reader(side)(torch.zeros(2, 1, side, side)).shape == (2, 10)
    assert not any(p.any() for p in accuracy.linear(5).parameters())


def test_a_linear_layer_learns_in_private() -> None:
    from mmbook.datasets.images import load_images

    train, test = load_images("digits")
    config = replace(TINY, accuracy=TIERS["mini"].accuracy, epsilons=(8.0,))
    found = accuracy.measure(accuracy.ORIENTED, 0, config, train, test)
    (right,) = (r.value for r in found if r.metric == "accuracy" and r.condition["epsilon"] == 8.0)
    assert right > 0.85 and math.isfinite(right)

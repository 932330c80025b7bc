"""Scarce labels: all ways end to end and tiny, and the pieces that make the comparison fair."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

from mmbook.evaluation import Row
from mmbook.experiments.data_scarcity import TIERS, network, run, ways
from mmbook.experiments.data_scarcity.config import (
    AGAIN,
    ALONE,
    SAME_RATE,
    WAYS,
    WITHOUT,
    Pretraining,
    Tuning,
    Way,
)
from mmbook.experiments.data_scarcity.data import Draw, World, balanced, load, small
from mmbook.experiments.data_scarcity.network import Samples, Training
from mmbook.training.pseudo_labels import PseudoLabels

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    sizes=(10, 20),
    pool=60,
    fonts=20,
    steps=3,
    takes=1,
    pretraining=Pretraining(source=46, steps=2, batch_size=8),
    tuning=Tuning(draws=(1_000,), labels=10, validation=10, rates=(1e-3, 1e-2)),
)


@cache
def world() -> World:
    return load(TINY)


@cache
def draw(seed: int = 0) -> Draw:
    return Draw(world(), TINY, seed)


def test_all_ways_are_measured_once(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for name in WAYS:
        assert set(result.curve(name, "accuracy", over="labels")) == {10, 20}
        assert result.summary(name, "learning_rate")[0] in TINY.tuning.rates
    for name in WITHOUT:
        result.summary(name, "accuracy", labels=0)
    for metric in ("accepted", "wrong", "repeated"):
        result.summary("pseudo-labels, all", metric, labels=10)
    assert result.summary("pseudo-labels, all", "accepted", labels=20) == (1, 0)
    result.summary(AGAIN, "repeated", labels=10)
    assert len(list(tmp_path.glob("*/*.json"))) == 1 + 2 * 3
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_what_a_seed_draws_shares_no_picture() -> None:
    ours = draw()
    most = ours.labelled(20)
    assert torch.bincount(most.labels).tolist() == [2] * 10
    assert torch.bincount(ours.labelled(10).labels).tolist() == [1] * 10
    assert ours.labelled(10).images.equal(most.images[:10])
    assert torch.bincount(ours.validation.labels).tolist() == [1] * 10
    parts = [ours._labelled, ours._validation, ours._pool]
    every = torch.cat(parts)
    assert len(set(every.tolist())) == len(every)
    assert not ours.labelled(20).images.equal(draw(1).labelled(20).images)


def test_too_few_of_a_class_is_said() -> None:
    with pytest.raises(ValueError, match="3 samples of each"):
        balanced(torch.arange(20) % 10, 3)


def test_pixels_are_means() -> None:
    images = torch.rand(2, 1, 28, 28)
    assert small(images, 28) is images
    found = small(images, 14)[0, 0, 3, 4]
    assert found.item() == pytest.approx(images[0, 0, 6:8, 8:10].mean().item(), abs=1e-6)


def test_ways_begin_alike_and_only_again_does_not() -> None:
    alone, same, again = (draw().classifier("random", flag) for flag in (False, False, True))
    first, second, other = (model[0][0].weight for model in (alone, same, again))
    assert first.equal(second) and not first.equal(other)
    moved = draw().classifier("transfer")
    assert moved[1].weight.equal(alone[1].weight) and not moved[0][0].weight.equal(first)


def test_frozen_features_stay() -> None:
    before = draw().classifier("transfer")
    model = ways.trained(WAYS["transfer, frozen"], draw(), draw().labelled(20), 1e-2)
    for one, other in zip(before[0].parameters(), model[0].parameters(), strict=True):
        assert one.equal(other)
    assert not model[1].weight.equal(before[1].weight)


def test_training_lowers_the_loss_and_follows_its_seed() -> None:
    samples = draw().labelled(20)
    found = []
    for seed in (0, 0, 1):
        model = draw().classifier("random")
        network.fit(model, [samples], Training(60, 32, 3e-3, seed))
        scores = network.scores(model, samples.images)
        found.append(nn.functional.cross_entropy(scores, samples.labels).item())
    assert found[0] == found[1] != found[2] and max(found) < 1


def test_views_come_together() -> None:
    images = draw().pool.images
    trunk = draw().classifier("random")[0]

    def apart(model: nn.Module) -> float:
        """How far shifted pictures are from their own, over how far from others."""
        torch.manual_seed(0)
        first, second = (
            nn.functional.normalize(model(network.changed(images, TINY.pretraining.views)))
            for _ in range(2)
        )
        all_pairs = torch.cdist(first, second)
        return (all_pairs.diagonal().mean() / all_pairs.mean()).item()

    before = apart(trunk)
    training = Training(80, 60, 2e-3, 0, TINY.pretraining.views)
    network.fit_views(trunk, images, training, 10.0)
    assert apart(trunk) < 0.9 * before


def test_shuffled_sound_has_the_same_labels_elsewhere() -> None:
    said, shuffled = (
        ways.extra_samples(Way(extra=extra), draw(), None) for extra in ("sound", "shuffled sound")
    )
    assert said is not None and shuffled is not None
    assert said.images.equal(shuffled.images) and not said.labels.equal(shuffled.labels)
    assert said.labels.sort().values.equal(shuffled.labels.sort().values)
    right = (said.labels == draw().pool.labels).float().mean().item()
    assert right > 0.5 > (shuffled.labels == draw().pool.labels).float().mean().item()


def test_pseudo_labels_are_the_teachers() -> None:
    teacher = ways.trained(WAYS[ALONE], draw(), draw().labelled(20), 3e-3)
    found = ways.extra_samples(WAYS["pseudo-labels, all"], draw(), teacher)
    said = network.scores(teacher, draw().pool.images).argmax(dim=1)
    assert found is not None and found.labels.equal(said)
    unsure = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    nn.init.zeros_(unsure[1].weight)
    nn.init.zeros_(unsure[1].bias)
    assert ways.extra_samples(WAYS["pseudo-labels, sure"], draw(), unsure) is None
    with pytest.raises(ValueError, match="need a teacher"):
        ways.extra_samples(WAYS["pseudo-labels, all"], draw(), None)


def test_what_became_of_wrong_labels_is_counted() -> None:
    truth = draw().pool.labels
    given = PseudoLabels(torch.arange(4), truth[:4].clone())
    given.labels[:2] = (truth[:2] + 1) % 10

    class Says(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            said = truth[: len(images)].clone()
            said[0] = given.labels[0]
            return nn.functional.one_hot(said, 10).float()

    rows = ways.confirmation(draw(), given, "way", {"way": Says()}, {"labels": 10})
    assert {row.metric: row.value for row in rows} == {
        "accepted": 4 / 60,
        "wrong": 0.5,
        "repeated": 0.5,
    }


def test_the_best_mean_rate_is_chosen_and_controls_have_their_ways() -> None:
    def row(name: str, seed: int, rate: float, value: float) -> Row:
        return Row(name, "accuracy", seed, value, {"rate": rate})

    rows = [row(ALONE, seed, rate, v) for seed, rate, v in ((0, 1e-3, 0.9), (0, 1e-2, 0.8))]
    rows += [row(ALONE, seed, rate, v) for seed, rate, v in ((1, 1e-3, 0.1), (1, 1e-2, 0.6))]
    rows += [row("sound as teacher", 0, rate, 0.5) for rate in (1e-2, 1e-3)]
    found = ways.chosen(rows)
    assert found == {
        ALONE: 1e-2,
        AGAIN: 1e-2,
        "sound as teacher": 1e-3,
        "sound, shuffled": 1e-3,
    }
    assert set(SAME_RATE) == {AGAIN, "sound, shuffled"}


def test_validation_is_no_larger_than_training() -> None:
    for config in TIERS.values():
        assert config.tuning.validation <= config.tuning.labels
        assert not set(config.tuning.draws) & set(config.seeds)


def test_labels_teach_and_the_ear_helps() -> None:
    ours = Draw(world(), replace(TINY, pool=600, steps=200), 0)
    accuracies = {}
    for name in (ALONE, "sound as teacher", "sound, shuffled"):
        model = ways.trained(WAYS[name], ours, ours.labelled(20), 3e-3)
        said = network.scores(model, world().test.images).argmax(dim=1)
        accuracies[name] = (said == world().test.labels).float().mean().item()
    assert 0.4 < accuracies[ALONE] < accuracies["sound as teacher"]
    assert accuracies["sound, shuffled"] < accuracies["sound as teacher"]
    assert isinstance(ours.pool, Samples)

"""Explanations: all parts end to end and tiny, and the pieces that decide what is measured."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.experiments.explainability import TIERS, cells, maps, run, scenes, senses
from mmbook.models import load_pretrained
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0,),
    pictures=2,
    exact=1,
    tolerance=5.0,
    steps=2,
    scenes=3,
    counts=(1, 4),
    digits=40,
    train_size=40,
    test_size=20,
    training=TrainingConfig(steps=2, batch_size=10),
)


@pytest.fixture(scope="module")
def captioner():
    return load_pretrained("scene-captioner")


def test_all_parts_are_measured_once(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for method in ("gradient", "Grad-CAM", "no network"):
        for network in ("trained", "shuffled"):
            assert 0 <= result.summary(method, "share", network=network)[0] <= 1
    at = {"compared_with": "shuffled", "pixels": "everywhere"}
    assert result.summary("no network", "likeness", **at)[0] == pytest.approx(1)
    assert result.summary("halved where needed", "gap")[0] <= 5
    assert set(result.curve("random", "fall", over="cells")) == {1, 4}
    accounts = ("alone", "missed", "Shapley")
    for condition in senses.CONDITIONS:
        found = {
            a: sum(
                result.summary(s, "nats", account=a, samples=condition)[0] for s in senses.SENSES
            )
            for a in accounts
        }
        whole = result.summary("all senses", "nats", samples=condition)[0]
        assert found["Shapley"] == pytest.approx(whole, abs=1e-5)
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_the_truth_lies_on_the_object_that_is_asked_for(captioner) -> None:
    asked = scenes.questions(captioner, 4, seed=3)
    said = captioner.tokenizer.vocabulary.decode(asked.of(captioner).target.tolist())
    assert len(set(said)) > 1
    for picture, own, other, colour in zip(
        asked.pictures, asked.own, asked.other, said, strict=True
    ):
        assert own.max() > 0.99 and other.max() > 0.99
        inside = picture[:, own > 0.99].mean(dim=1)  # the object's own colour: even
        spread = picture[:, own > 0.99].std(dim=1).max()
        assert spread < 0.05, colour
        assert (inside - picture[:, other > 0.99].mean(dim=1)).abs().max() > 0.1
    best = asked.near.argmax(dim=1)
    cell = torch.stack([best // 8, best % 8], dim=1) * 8 + 4.0
    for own, place in zip(asked.own, cell, strict=True):
        middle = (own > 0.5).nonzero().float().mean(dim=0)
        assert (middle - place).abs().max() < 10


def test_shares_and_likeness_of_maps_that_are_known(captioner) -> None:
    asked = scenes.questions(captioner, 2, seed=0)
    assert maps.share(asked.own, asked) > 0.95
    assert maps.share(asked.other, asked) < 0.05
    everywhere = torch.ones_like(asked.own, dtype=torch.bool)
    assert maps.alike(asked.own, 3 * asked.own, everywhere) == pytest.approx(1)
    assert maps.alike(asked.own, torch.ones_like(asked.own), everywhere) == 0


def test_hiding_more_cells_costs_no_less_where_they_are_needed(captioner) -> None:
    rows = cells.hidden(0, replace(TINY, scenes=12, counts=(1, 16)), captioner)
    fall = {(row.system, row.condition["cells"]): row.value for row in rows}
    assert fall["most attended", 16] > 1 > abs(fall["random", 16])
    assert fall["most attended", 16] > fall["most attended", 1]

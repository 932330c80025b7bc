"""The shared space: its floors, what it draws, and all of it end to end and tiny."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.batch import Batch
from mmbook.experiments.shared_space.config import (
    ALL,
    APART,
    HUB,
    LINKED,
    TIERS,
    WITHHELD,
    System,
)
from mmbook.experiments.shared_space.data import DIGITS, Senses, Shown, draw, load
from mmbook.experiments.shared_space.losses import AlignLabels, floor_of, multi_positive
from mmbook.experiments.shared_space.measure import Space, found, naming, of_links, unheard
from mmbook.experiments.shared_space.run import run
from mmbook.experiments.shared_space.training import unit_name, untrained
from mmbook.losses import contrastive, sigmoid_contrastive
from mmbook.models.alignment import Align
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    width=8,
    images=30,
    drawn=256,
    galleries=2,
    rotations=2,
    training=TrainingConfig(steps=1, batch_size=64, device="cpu"),
)


@pytest.fixture(scope="module")
def senses() -> Senses:
    return load("test", "mini", 8)


def _of_digits(batch: int) -> tuple[Tensor, Tensor]:
    """Vectors that know only the digit, (batch, DIGITS), and the digits."""
    labels = torch.randint(DIGITS, (batch,))
    return F.one_hot(labels, DIGITS).float(), labels


@pytest.mark.parametrize(("batch", "floor"), [(16, 0.80), (64, 1.93), (256, 3.26)])
def test_features_that_know_only_the_digit_reach_the_floor(batch: int, floor: float) -> None:
    torch.manual_seed(0)
    plain, several = [], []
    for _ in range(20_000 // batch):
        vectors, labels = _of_digits(batch)
        plain.append(contrastive(vectors, vectors, 100.0).mean().item())
        several.append(multi_positive(vectors, vectors, 100.0, labels).mean().item())
    assert floor_of("InfoNCE", batch) == pytest.approx(floor, abs=0.006)
    assert sum(plain) / len(plain) == pytest.approx(floor, abs=0.02)
    assert sum(several) / len(several) == pytest.approx(floor, abs=0.02)


def test_the_floor_is_below_the_bound_of_jensen_and_zero_without_others() -> None:
    assert floor_of("InfoNCE", 64) < math.log(1 + 63 / 10)
    assert floor_of("InfoNCE", 1) == 0
    assert floor_of("InfoNCE", 2, classes=2) == pytest.approx(math.log(2) / 2)


def test_the_sigmoid_loss_is_lowest_where_its_floor_is() -> None:
    torch.manual_seed(0)
    alike = 1 + 63 / 10  # combinations of a row that look like pairs
    best = -math.log(alike - 1)  # the score of those
    losses = {}
    for score in (best - 0.5, best, best + 0.5):
        torch.manual_seed(0)
        vectors = [_of_digits(64)[0] for _ in range(300)]
        each = [sigmoid_contrastive(v, v, 50.0 + score, -50.0).mean().item() for v in vectors]
        losses[score] = sum(each) / len(each)
    assert min(losses, key=losses.__getitem__) == best
    assert losses[best] == pytest.approx(floor_of("sigmoid", 64), abs=0.03)


def test_several_positives_of_one_each_are_the_plain_loss() -> None:
    torch.manual_seed(0)
    first, second = (F.normalize(torch.randn(6, 4), dim=1) for _ in range(2))
    ours = multi_positive(first, second, 3.0, torch.arange(6)).mean()
    torch.testing.assert_close(ours, contrastive(first, second, 3.0).mean())


def test_the_loss_of_labels_counts_each_pair_of_senses(senses: Senses) -> None:
    system = System(loss="multi-positive")
    batch = Shown(senses.values)(draw(senses, system, 8, seed=0))
    loss = AlignLabels(HUB)(untrained(system, 8, seed=0), batch)
    assert loss.count == 16
    with pytest.raises(ValueError, match="SharedSpace"):
        AlignLabels(HUB)(torch.nn.Linear(1, 1), batch)


def test_a_sample_is_one_digit_in_every_sense(senses: Senses) -> None:
    rows = draw(senses, System(pairs=ALL), 500, seed=0)
    assert set(rows.inputs) == {"image", "audio", "english", "chinese"}
    for sense, numbers in rows.inputs.items():
        assert torch.equal(senses.labels[sense][numbers], rows.target)
    assert set(rows.target.tolist()) == set(range(DIGITS))
    shown = Shown(senses.values)(rows)
    assert shown.inputs["image"].shape == (500, 1, 8, 8)


def test_a_digit_or_its_words_can_be_withheld(senses: Senses) -> None:
    words = draw(senses, System(pairs=ALL, withheld="words"), 500, seed=0)
    assert set(words.present) == {"english", "chinese"}
    assert torch.equal(words.presence("english"), words.target != WITHHELD)
    digit = draw(senses, System(pairs=ALL, withheld="digit"), 500, seed=0)
    assert not digit.present and WITHHELD not in digit.target


def test_a_withheld_word_gets_no_gradient(senses: Senses) -> None:
    system = System(pairs=ALL, withheld="words")
    model = untrained(system, 8, seed=0)
    rows = draw(senses, system, 64, seed=0)
    only = Shown(senses.values)(rows[(rows.target == WITHHELD).nonzero()[:, 0]])
    Align(ALL)(model, only).mean().backward()
    words = model.encoders["english"].get_parameter("embedding.weight").grad
    image = next(model.encoders["image"].parameters()).grad
    assert words is None or not words.any()
    assert image is not None and image.isfinite().all() and image.any()


def test_a_batch_has_as_many_samples_or_as_many_steps() -> None:
    assert [System(batch=b).steps(200) for b in (16, 64, 256)] == [800, 200, 50]
    assert System(batch=256, equal="steps").steps(200) == 200
    alike = System(), System(equal="steps")
    assert len({unit_name(system, 200, 1e-3) for system in alike}) == 1
    others = System(withheld="words"), System(learned=False), System(pairs=APART)
    assert len({unit_name(system, 200, 1e-3) for system in (*alike, *others)}) == 4


def test_a_fixed_scale_does_not_move() -> None:
    model = untrained(System(scale=100.0, learned=False), 8, seed=0)
    assert not model.log_scale.requires_grad and model.scale.item() == pytest.approx(100)


def _space(*senses: str) -> Space:
    """Three items of each digit, whose vectors are those of their digits."""
    labels = torch.arange(DIGITS).repeat(3)
    return Space(
        {m: F.one_hot(labels, DIGITS).float() for m in senses}, {m: labels for m in senses}
    )


def test_a_space_of_digits_finds_all_and_a_turned_one_does_not() -> None:
    space = _space("image", "audio", "english")
    assert naming(space) == 1
    assert found(space, "image", "audio", 3).tolist() == [1.0] * 30
    assert not found(space, "image", "audio", 3, torch.eye(DIGITS).roll(1, 0)).any()
    wrong = {c["digits"]: value for _, value, c in unheard(space, 2)}
    assert wrong == {"withheld": 1, "others": 1}


def test_rotations_are_tried_where_nothing_links_two_halves() -> None:
    space = _space("image", "audio", "english", "chinese")
    config = replace(TINY, rotations=200)
    rotated = [row for row in of_links(space, System(pairs=APART), config, 0) if "rot" in row[0]]
    assert {metric for metric, _, _ in rotated} == {"rotated_accuracy", "rotated_spread"}
    assert all(0.07 < value < 0.13 for metric, value, _ in rotated if "accuracy" in metric)
    assert all("rotated" not in row[0] for row in of_links(space, System(pairs=LINKED), config, 0))


def test_everything_is_measured_for_each_seed(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    assert set(result.systems) == {
        "InfoNCE",
        "multi-positive",
        "sigmoid",
        "scale 1",
        "scale learned",
        "scale 100",
        "through English",
        "no link",
        "linked",
        "all words",
        "words withheld",
        "digit withheld",
    }
    same = {"query": "image", "candidates": "english"}
    curve = result.curve("InfoNCE", "accuracy", "batch", equal="steps", **same)
    assert list(curve) == [16, 64, 256]
    assert result.curve("InfoNCE", "floor", "batch", equal="samples")[64][0] > 1.9
    seen = {"query": "image", "candidates": "audio"}
    assert 0 <= result.summary("words withheld", "accuracy", digits="withheld", **seen)[0] <= 1
    assert result.summary("scale 100", "scale")[0] == pytest.approx(100)
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_batches_reach_the_senses_of_their_rows(senses: Senses) -> None:
    rows = Batch({"english": torch.tensor([3, 1])}, {"label": torch.tensor([3, 1])})
    assert torch.equal(
        Shown(senses.values)(rows).inputs["english"], senses.values["english"][[3, 1]]
    )

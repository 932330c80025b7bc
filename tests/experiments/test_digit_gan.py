"""Drawing digits end to end and tiny, and the parts that decide what is claimed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import TOKENIZER
from mmbook.datasets.images import load_images
from mmbook.evaluation import frechet_distance, predict
from mmbook.experiments.digit_gan import TIERS, run
from mmbook.experiments.digit_gan.config import FULL, SYSTEMS
from mmbook.experiments.digit_gan.measuring import (
    Features,
    Reference,
    drawn,
    gaussian_images,
    mean_images,
    settled,
)
from mmbook.experiments.digit_gan.training import Worded, judge_of, untrained, word_ids
from mmbook.models import load_pretrained

TINY = replace(
    TIERS["mini"],
    seeds=(1,),
    systems=(FULL, "hinge, spectral norm"),
    asked=150,
    channels=2,
    training=replace(TIERS["mini"].training, steps=1, device="cpu"),
    judge_steps=1,
)
METRICS = {
    "accuracy",
    "worst_class_accuracy",
    "diversity",
    "frechet_distance",
    "frechet_distance_over_floor",
    "precision",
    "recall",
    "nearest_training_image",
}


@pytest.fixture(scope="module")
def digits() -> tuple[Batch, Batch]:
    train, test = load_images("digits")
    return train, test[: TINY.asked]


@pytest.fixture(scope="module")
def reference(digits: tuple[Batch, Batch], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    train, test = digits
    judge, _ = judge_of(train, TINY, tmp_path_factory.mktemp("judge"))
    return Reference(judge, train, test)


def test_every_system_is_measured_in_every_way(tmp_path: Path) -> None:
    result = run("mini", replace(TINY, systems=tuple(SYSTEMS)), tmp_path)
    assert result.baselines[0] == "judge"
    averaged = "averaged, with the averaged statistics"
    assert {*SYSTEMS, "without averaging", averaged, *result.baselines} == {*result.systems}
    for system in result.systems[1:]:
        found = {metric for name, metric, _ in result.measurements() if name == system}
        assert found - {"seconds"} == METRICS
        assert set(result.curve(system, "accuracy", "language")) == {"en", "zh"}
    assert result.summary("training images", "frechet_distance_over_floor") == (1, 0)
    shipped = load_pretrained(tmp_path / "seed-1" / "drawing")
    assert shipped.predict("七", 2).shape == (2, 1, 8, 8)


def test_real_images_are_as_good_as_can_be_but_for_copying(reference: Reference) -> None:
    test = {m: v for m, v, where in reference.measured(reference.test) if not where}
    assert test["diversity"] == pytest.approx(1)
    assert test["frechet_distance"] == pytest.approx(0, abs=1e-6)
    assert test["precision"] == test["recall"] == 1
    assert test["nearest_training_image"] == pytest.approx(1)
    train = {m: v for m, v, where in reference.measured(reference.training) if not where}
    assert train["nearest_training_image"] < 0.01
    assert 0.8 < train["diversity"] < 1.2


def test_the_floor_is_of_as_many_training_images_of_the_same_digits(
    digits: tuple[Batch, Batch], reference: Reference
) -> None:
    train, test = digits
    rows = [
        (train.inputs["image"] == image).flatten(1).all(dim=1).nonzero()[0, 0]
        for image in reference.training
    ]
    assert len(set(map(int, rows))) == len(test)
    assert train.target[torch.stack(rows)].equal(test.target)
    features = Features(reference.judge)
    first, second = (
        predict(features, Batch({"image": images}))
        for images in (reference.training, test.inputs["image"])
    )
    assert reference.floor == pytest.approx(frechet_distance(first, second))


def test_a_mean_image_never_varies_and_a_gaussian_does(
    digits: tuple[Batch, Batch], reference: Reference
) -> None:
    train, _ = digits
    mean = mean_images(train, reference.labels)
    assert mean[0].equal(train.inputs["image"][train.target == reference.labels[0]].mean(0))
    found = {m: v for m, v, where in reference.measured(mean) if not where}
    assert found["diversity"] < 1e-3 and found["recall"] < 0.2
    many = gaussian_images(train, torch.full((4_000,), 3), seed=0).flatten(1)
    real = train.inputs["image"][train.target == 3].flatten(1)
    middle = (real.mean(0) > 0.4) & (real.mean(0) < 0.6)  # where little is cut off at 0 and 1
    torch.testing.assert_close(many.mean(0)[middle], real.mean(0)[middle], atol=0.05, rtol=0)
    torch.testing.assert_close(many.std(0)[middle], real.std(0)[middle], atol=0.1, rtol=0)


def test_words_are_of_the_image_and_in_both_languages() -> None:
    words = word_ids()
    assert words.shape[:2] == (2, 10)
    assert TOKENIZER.decode(words[0, 7].tolist()) == "seven"
    assert TOKENIZER.decode(words[1, 7].tolist()) == "七"
    labels = torch.arange(10).repeat(30)
    batch = Worded(words)(Batch({"image": torch.zeros(300, 1, 8, 8)}, {"label": labels}))
    matches = (batch.inputs["text"] == words[:, labels]).all(dim=2)  # (languages, 300)
    assert matches.any(dim=0).all()
    assert 100 < int(matches[0].sum()) < 200


def test_what_is_drawn_follows_from_the_seed_and_the_digit_asked_for() -> None:
    drawing = untrained(SYSTEMS[FULL], TINY, 0).generator.network
    labels = torch.arange(10).repeat(11)
    images = drawn(drawing, labels, seed=0)
    assert images.shape == (110, 1, 8, 8) and images.min() >= 0 and images.max() <= 1
    assert drawn(drawing, labels, seed=0).equal(images)
    assert not drawn(drawing, labels, seed=1).isclose(images).all()
    changed = drawn(drawing, labels.index_fill(0, torch.tensor([3]), 9), seed=0) != images
    assert changed.flatten(1).any(dim=1).nonzero().flatten().tolist() == [3]


def test_settled_weights_have_statistics_of_their_own() -> None:
    drawing = untrained(SYSTEMS[FULL], TINY, 0).generator.mean.eval()
    before = {name: value.clone() for name, value in drawing.state_dict().items()}
    found = settled(drawing, seed=0)
    assert all(value.equal(before[name]) for name, value in drawing.state_dict().items())
    changed = {n for n, x in found.state_dict().items() if not x.equal(before[n])}
    assert changed and all("norms" in name for name in changed)
    assert not any(part.training for part in found.modules())


def test_the_first_weights_are_those_of_the_seed() -> None:
    first, again, other = (untrained(SYSTEMS[FULL], TINY, s).state_dict() for s in (0, 0, 1))
    name = "generator.network.decoder.pixels.weight"
    assert first[name].equal(again[name]) and not first[name].equal(other[name])
    assert first[name].equal(first[name.replace("network", "mean")])

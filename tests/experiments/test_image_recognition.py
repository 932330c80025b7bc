"""The image recognition experiment: end to end and tiny, its augmentation, and what it ships."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.batch import Batch
from mmbook.datasets.real.base import DataMissingError
from mmbook.evaluation import accuracy, predict
from mmbook.experiments.image_recognition import TIERS, run
from mmbook.experiments.image_recognition.augmentation import Augmentation
from mmbook.experiments.image_recognition.images import load_images
from mmbook.experiments.image_recognition.shipped import rounded, ship
from mmbook.experiments.image_recognition.training import BASELINES, VARIANTS, untrained
from mmbook.models import load_pretrained, read_facts
from mmbook.training import TrainingConfig

SHORT = TrainingConfig(steps=2, batch_size=16, device="cpu")
SMALL = replace(
    TIERS["mini"].variants, width=6, stages=(4, 4), training=replace(SHORT, learning_rate=1e-2)
)
TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    recipes={"digits": replace(SMALL, augmentation=Augmentation(mirror=True))},
    variants=SMALL,
    baseline=SHORT,
    variant_size=32,
)


def test_everything_is_measured_and_trained_once(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    details = ("half precision", "calibration error", "seconds", "with its mirror image")
    named = ["digits, residual", *(f"digits, residual, {detail}" for detail in details)]
    assert sorted(result.metrics) == sorted([*named, *(f"variant: {name}" for name in VARIANTS)])
    assert sorted(result.baselines) == sorted(f"digits, {b}" for b in (*BASELINES, "majority"))
    again = run("mini", TINY, tmp_path)
    assert (again.metrics, again.seconds) == (result.metrics, result.seconds)


def test_what_is_shipped_is_what_was_measured(tmp_path: Path) -> None:
    torch.manual_seed(0)
    recipe = TIERS["full"].recipes["MNIST"]
    model = untrained(recipe).eval()
    ship(tmp_path, "MNIST", model, recipe, {"seed": 3})
    read, facts = load_pretrained(tmp_path), read_facts(tmp_path)
    assert facts["seed"] == 3 and facts["recipe"]["width"] == recipe.width
    images = Batch({"image": torch.rand(5, 1, 28, 28)}, torch.zeros(5))
    assert predict(read, images).equal(predict(rounded(model), images))
    assert not predict(read, images).equal(predict(model, images))


def test_the_largest_network_fits_into_two_megabytes(tmp_path: Path) -> None:
    for name, recipe in TIERS["full"].recipes.items():
        ship(tmp_path / name, name, untrained(recipe), recipe, {})
        assert (tmp_path / name / "model.safetensors").stat().st_size <= 2e6


def test_a_set_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    with pytest.raises(DataMissingError, match="MNIST"):
        load_images("MNIST")


def test_splits_of_the_digits_share_no_image() -> None:
    train, test = load_images("digits")
    assert train.inputs["image"].shape == (1000, 1, 8, 8)
    seen = {image.numpy().tobytes() for image in train.inputs["image"]}
    assert not any(image.numpy().tobytes() in seen for image in test.inputs["image"])


@settings(max_examples=25)
@given(
    count=st.integers(1, 4),
    side=st.integers(4, 12),
    degrees=st.sampled_from([0.0, 20.0]),
    margin=st.integers(0, 3),
    mirror=st.booleans(),
    erase=st.sampled_from([0.0, 1.0]),
)
def test_augmentation_keeps_shapes_ranges_and_targets(
    count: int, side: int, degrees: float, margin: int, mirror: bool, erase: float
) -> None:
    samples = Batch({"image": torch.rand(count, 1, side, side)}, torch.arange(count))
    chance = Augmentation(degrees=degrees, margin=margin, mirror=mirror, erase=erase)
    torch.manual_seed(1)
    changed = chance(samples)
    images = changed.inputs["image"]
    assert images.shape == samples.inputs["image"].shape
    assert images.min() >= 0 and images.max() <= 1 + 1e-6
    assert changed.targets is samples.targets
    torch.manual_seed(1)
    assert chance(samples).inputs["image"].equal(images)
    if not (degrees or margin or mirror or erase):
        assert images.equal(samples.inputs["image"])


def test_each_part_of_the_augmentation_does_something() -> None:
    samples = Batch({"image": torch.rand(40, 1, 12, 12)}, torch.arange(40))
    parts = [{"degrees": 9.0}, {"zoom": 0.2}, {"shift": 0.2}, {"margin": 2}, {"mirror": True}]
    for part in [*parts, {"erase": 1.0}]:
        changed = Augmentation(**part)(samples).inputs["image"]  # type: ignore[arg-type]
        assert (changed != samples.inputs["image"]).flatten(1).any(dim=1).sum() > 10, part


def test_the_mini_tier_learns(tmp_path: Path) -> None:
    """A tenth of the steps are enough to be far from chance."""
    recipe = TIERS["mini"].recipes["digits"]
    short = replace(recipe, training=replace(recipe.training, steps=30, device="cpu"))
    config = replace(TINY, seeds=(0,), recipes={"digits": short})
    result = run("mini", config, tmp_path)
    assert result.summary("digits, residual")[0] > 0.8 > result.summary("digits, majority")[0]


def test_rounding_changes_weights_but_not_what_is_counted() -> None:
    torch.manual_seed(0)
    model = untrained(SMALL)
    for (name, value), (_, small) in zip(
        model.state_dict().items(), rounded(model).state_dict().items(), strict=True
    ):
        assert small.dtype == value.dtype, name
        torch.testing.assert_close(small, value, rtol=1e-3, atol=1e-4)
    samples = Batch({"image": torch.rand(6, 1, 8, 8)}, torch.arange(6))
    scores, small = predict(model, samples), predict(rounded(model), samples)
    assert 0 < (scores - small).abs().max() < 0.05
    assert accuracy(scores, samples.targets) == accuracy(small, samples.targets)

"""The image recognition experiment: end to end and tiny, its augmentation, and what it ships."""

from dataclasses import replace
from pathlib import Path

import torch

from mmbook.batch import Batch
from mmbook.evaluation import accuracy, predict
from mmbook.experiments.image_recognition import TIERS, run
from mmbook.experiments.image_recognition.shipped import rounded, ship
from mmbook.experiments.image_recognition.training import BASELINES, VARIANTS, untrained
from mmbook.models import load_pretrained, read_facts
from mmbook.preprocessing.images.policy import Augmentation
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
    half = "residual, half precision"
    mirrored = f"{half}, with mirror image"
    expected = [
        *((name, "accuracy") for name in ("residual", half, mirrored, *BASELINES, "majority")),
        *((name, "accuracy") for name in VARIANTS),
        *(("residual", "seconds"), (half, "expected_calibration_error")),
    ]
    found = list(result.measurements())
    assert sorted((system, metric) for system, metric, _ in found) == sorted(expected)
    for system, _, condition in found:
        few = {"training_images": 32} if system in VARIANTS else {}
        assert condition == {"images": "digits"} | few
    assert result.baselines == [*BASELINES, "majority"]
    again = run("mini", TINY, tmp_path)
    assert (again.rows, again.seconds) == (result.rows, result.seconds)


def test_what_is_shipped_is_what_was_measured(tmp_path: Path) -> None:
    torch.manual_seed(0)
    recipe = TIERS["full"].recipes["MNIST"]
    model = untrained(recipe).eval()
    ship(tmp_path, "MNIST", model, recipe, {"seed": 3})
    read, facts = load_pretrained(tmp_path), read_facts(tmp_path)
    assert facts["seed"] == 3 and facts["recipe"]["width"] == recipe.width
    images = Batch({"image": torch.rand(5, 1, 28, 28)}, {"label": torch.zeros(5)})
    assert predict(read, images).equal(predict(rounded(model), images))
    assert not predict(read, images).equal(predict(model, images))


def test_the_largest_network_fits_into_two_megabytes(tmp_path: Path) -> None:
    for name, recipe in TIERS["full"].recipes.items():
        ship(tmp_path / name, name, untrained(recipe), recipe, {})
        assert (tmp_path / name / "model.safetensors").stat().st_size <= 2e6


def test_the_mini_tier_learns(tmp_path: Path) -> None:
    """A tenth of the steps are enough to be far from chance."""
    recipe = TIERS["mini"].recipes["digits"]
    short = replace(recipe, training=replace(recipe.training, steps=30, device="cpu"))
    config = replace(TINY, seeds=(0,), recipes={"digits": short})
    result = run("mini", config, tmp_path)
    learned, constant = (
        result.summary(name, "accuracy", images="digits")[0] for name in ("residual", "majority")
    )
    assert learned > 0.8 > constant


def test_rounding_changes_weights_but_not_what_is_counted() -> None:
    torch.manual_seed(0)
    model = untrained(SMALL)
    for (name, value), (_, small) in zip(
        model.state_dict().items(), rounded(model).state_dict().items(), strict=True
    ):
        assert small.dtype == value.dtype, name
        torch.testing.assert_close(small, value, rtol=1e-3, atol=1e-4)
    samples = Batch({"image": torch.rand(6, 1, 8, 8)}, {"label": torch.arange(6)})
    scores, small = predict(model, samples), predict(rounded(model), samples)
    assert 0 < (scores - small).abs().max() < 0.05
    assert accuracy(scores, samples.target) == accuracy(small, samples.target)

"""The experiment from images to result."""

from dataclasses import asdict
from pathlib import Path

from mmbook.batch import Batch
from mmbook.datasets.images import load_images
from mmbook.evaluation import (
    Result,
    Row,
    accuracy,
    expected_calibration_error,
    majority_accuracy,
    predict,
)
from mmbook.experiments.image_recognition.config import ImageRecognitionConfig, Recipe
from mmbook.experiments.image_recognition.shipped import folder_name, rounded, ship
from mmbook.experiments.image_recognition.training import (
    BASELINES,
    VARIANTS,
    Trained,
    train_baseline,
    train_residual,
)
from mmbook.training import is_main
from mmbook.training.saving.checkpoints import digest

SPLITS = {
    "mini": "597 of scikit-learn's 1797 digits, 8 x 8 pixels; trained on 1000 others (writers are "
    "not recorded and may be shared)",
    "full": "the publishers' test files, 10 000 images each; trained on all 60 000 of their "
    "training files, with settings chosen on the last 5000 of Fashion-MNIST's, held out",
}


HALF = "residual, half precision"  # as it is shipped


class Measurements:
    """A row for each value measured, the models' sizes, and the seconds of them all."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.sizes: dict[str, int] = {}
        self.seconds = 0.0

    def add(
        self, system: str, trained: Trained, test: Batch, seed: int, **condition: str | int
    ) -> None:
        """The accuracy of a model on test samples."""
        model, seconds = trained
        found = accuracy(predict(model, test), test.target)
        self.rows.append(Row(system, "accuracy", seed, found, condition))
        size = sum(parameter.numel() for parameter in model.parameters())
        self.sizes[f"{condition['images']}, {system}"] = size
        self.seconds += seconds

    def add_details(
        self, trained: Trained, recipe: Recipe, test: Batch, seed: int, images: str
    ) -> float:
        """What else is worth knowing of the residual network; returns its accuracy as shipped."""
        model, seconds = trained
        small = predict(rounded(model), test)
        shipped = accuracy(small, test.target)
        found = {
            ("residual", "seconds"): seconds,
            (HALF, "accuracy"): shipped,
            (HALF, "expected_calibration_error"): expected_calibration_error(small, test.target),
        }
        if recipe.augmentation.mirror:
            mirrored = Batch({"image": test.inputs["image"].flip(-1)}, test.targets)
            both = small.log_softmax(dim=1) + predict(rounded(model), mirrored).log_softmax(dim=1)
            found[f"{HALF}, with mirror image", "accuracy"] = accuracy(both, test.target)
        for (system, metric), value in found.items():
            self.rows.append(Row(system, metric, seed, value, {"images": images}))
        return shipped


def run(tier: str, config: ImageRecognitionConfig, folder: Path) -> Result:
    """Train and measure every network for every seed; weights go to the folder."""
    found = Measurements()
    sets = {name: load_images(name) for name in config.recipes}
    for name, recipe in config.recipes.items():
        for seed in config.seeds:
            _residual(name, recipe, seed, sets[name], folder, found)
    for name, (train, test) in sets.items():
        for baseline in BASELINES:
            for seed in config.seeds:
                place = folder / name / f"seed-{seed}"
                network = train_baseline(baseline, train, config.baseline, seed, place)
                found.add(baseline, network, test, seed, images=name)
        most = majority_accuracy(test.target)
        found.rows += [Row("majority", "accuracy", s, most, {"images": name}) for s in config.seeds]
    name, (train, test) = list(sets.items())[-1]
    for variant in VARIANTS:
        for seed in config.seeds:
            place, few = folder / "variants" / f"seed-{seed}", train[: config.variant_size]
            network = train_residual(few, config.variants, seed, place, variant)
            found.add(variant, network, test, seed, images=name, training_images=len(few))
    return Result(
        experiment="image-recognition",
        tier=tier,
        rows=found.rows,
        baselines=[*BASELINES, "majority"],
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters=found.sizes,
        seconds=round(found.seconds, 1),
        data={
            f"{name}, {part}": _identify(samples)
            for name, parts in sets.items()
            for part, samples in zip(("train", "test"), parts, strict=True)
        },
    )


def _residual(
    name: str,
    recipe: Recipe,
    seed: int,
    parts: tuple[Batch, Batch],
    folder: Path,
    found: Measurements,
) -> None:
    """Train and measure the residual network of a set, and write it as it is shipped."""
    train, test = parts
    place = folder / name / f"seed-{seed}"
    network = train_residual(train, recipe, seed, place)
    found.add("residual", network, test, seed, images=name)
    shipped = found.add_details(network, recipe, test, seed, name)
    if is_main():
        facts = {
            "command": "python -m mmbook.experiments image-recognition --tier full",
            "data": _identify(train),
            "seed": seed,
            "seconds": network[1],
            "accuracy": shipped,
        }
        ship(place / folder_name(name), name, network[0], recipe, facts)


def _identify(samples: Batch) -> str:
    return digest({**samples.inputs, "targets": samples.target})

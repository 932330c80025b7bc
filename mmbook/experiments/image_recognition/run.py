"""The experiment from images to result."""

from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from mmbook.batch import Batch
from mmbook.evaluation import Result, accuracy, expected_calibration_error, predict
from mmbook.experiments.image_recognition.config import ImageRecognitionConfig, Recipe
from mmbook.experiments.image_recognition.images import load_images
from mmbook.experiments.image_recognition.shipped import folder_name, rounded, ship
from mmbook.experiments.image_recognition.training import (
    BASELINES,
    VARIANTS,
    Trained,
    train_baseline,
    train_residual,
)
from mmbook.training import is_main
from mmbook.training.checkpoints import digest

SPLITS = {
    "mini": "597 of scikit-learn's 1797 digits, 8 x 8 pixels; trained on 1000 others (writers are "
    "not recorded and may be shared)",
    "full": "the publishers' test files, 10 000 images each; trained on all 60 000 of their "
    "training files, with settings chosen on the last 5000 of Fashion-MNIST's, held out",
}


class Measurements:
    """One value a seed of whatever is measured, the models' sizes, and the seconds of them all."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)
        self.sizes: dict[str, int] = {}
        self.seconds = 0.0

    def add(self, name: str, trained: Trained, test: Batch) -> None:
        """The accuracy of a model on test samples."""
        model, seconds = trained
        self.values[name].append(accuracy(predict(model, test), test.targets))
        self.sizes[name] = sum(parameter.numel() for parameter in model.parameters())
        self.seconds += seconds

    def add_details(self, name: str, trained: Trained, recipe: Recipe, test: Batch) -> None:
        """What else is worth knowing of the model that is shipped."""
        model, seconds = trained
        small = predict(rounded(model), test)
        found = {
            "half precision": accuracy(small, test.targets),
            "calibration error": expected_calibration_error(small, test.targets),
            "seconds": seconds,
        }
        if recipe.augmentation.mirror:
            mirrored = Batch({"image": test.inputs["image"].flip(-1)}, test.targets)
            both = small.log_softmax(dim=1) + predict(rounded(model), mirrored).log_softmax(dim=1)
            found["with its mirror image"] = accuracy(both, test.targets)
        for detail, value in found.items():
            self.values[f"{name}, {detail}"].append(value)


def run(tier: str, config: ImageRecognitionConfig, folder: Path) -> Result:
    """Train and measure every network for every seed; weights go to the folder."""
    found, baselines = Measurements(), Measurements()
    sets = {name: load_images(name) for name in config.recipes}
    for name, recipe in config.recipes.items():
        for seed in config.seeds:
            _residual(name, recipe, seed, sets[name], folder, found)
    for name, (train, test) in sets.items():
        for baseline in BASELINES:
            for seed in config.seeds:
                place = folder / name / f"seed-{seed}"
                network = train_baseline(baseline, train, config.baseline, seed, place)
                baselines.add(f"{name}, {baseline}", network, test)
        most = test.targets.bincount().max().item() / len(test)
        baselines.values[f"{name}, majority"] = [most] * len(config.seeds)
    train, test = list(sets.values())[-1]
    for variant in VARIANTS:
        for seed in config.seeds:
            place, few = folder / "variants" / f"seed-{seed}", train[: config.variant_size]
            network = train_residual(few, config.variants, seed, place, variant)
            found.add(f"variant: {variant}", network, test)
    return Result(
        experiment="image-recognition",
        tier=tier,
        metrics=dict(found.values),
        baselines={name: {"accuracy": values} for name, values in baselines.values.items()},
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters=found.sizes | baselines.sizes,
        seconds=round(found.seconds + baselines.seconds, 1),
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
    found.add(f"{name}, residual", network, test)
    found.add_details(f"{name}, residual", network, recipe, test)
    if is_main():
        facts = {
            "command": "python -m mmbook.experiments image-recognition --tier full",
            "data": _identify(train),
            "seed": seed,
            "seconds": network[1],
            "accuracy": found.values[f"{name}, residual, half precision"][-1],
        }
        ship(place / folder_name(name), name, network[0], recipe, facts)


def _identify(samples: Batch) -> str:
    return digest(samples.inputs | {"targets": samples.targets})

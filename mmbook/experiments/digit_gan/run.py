"""The experiment from data to result."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from mmbook.datasets.images import load_images
from mmbook.evaluation import Result, Row, accuracy, predict
from mmbook.experiments.digit_gan.config import FULL, DigitGanConfig
from mmbook.experiments.digit_gan.measuring import (
    Reference,
    drawn,
    gaussian_images,
    mean_images,
    settled,
)
from mmbook.experiments.digit_gan.training import described, judge_of, train_adversaries
from mmbook.models.pretrained import save_pretrained
from mmbook.training import is_main
from mmbook.training.saving.checkpoints import digest

SPLITS = {
    "mini": "597 of scikit-learn's 1797 digits, 8 x 8 pixels; trained on 1000 others (writers are "
    "not recorded and may be shared)",
    "full": "the first 5000 of MNIST's 10 000 test images; trained on all 60 000 training images, "
    "by other writers",
}


def run(tier: str, config: DigitGanConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; the full recipe is left as a folder."""
    train, test = load_images(config.images)
    judge, seconds = judge_of(train, config, folder)
    right = accuracy(predict(judge, test), test.target)
    reference = Reference(judge, train, test[: config.asked])
    fixed = {
        "training images": reference.training,
        "mean image of the class": mean_images(train, reference.labels),
    }
    rows: list[Row] = []
    sizes = {"judge": _size(judge)}
    measured = {name: [*reference.measured(images)] for name, images in fixed.items()}
    for seed in config.seeds:
        rows.append(Row("judge", "accuracy", seed, right))
        for name, values in measured.items():
            rows += [Row(name, metric, seed, value, where) for metric, value, where in values]
        rows += _rows(
            "Gaussian of the class", seed, gaussian_images(train, reference.labels, seed), reference
        )
        for name in config.systems:
            model, took = train_adversaries(name, train, config, seed, folder / f"seed-{seed}")
            seconds += took
            rows.append(Row(name, "seconds", seed, took))
            generator: Any = model.generator  # a Drawing and its average
            for system, images in _drawn(name, generator, reference.labels, seed):
                rows += _rows(system, seed, images, reference)
            sizes[f"{name}, generator"] = _size(generator.network)
            sizes[f"{name}, discriminator"] = _size(model.discriminator)
            if name == FULL and is_main():
                place = folder / f"seed-{seed}" / "drawing"
                save_pretrained(place, described(config), settled(generator.mean, seed))
    return Result(
        experiment="digit-gan",
        tier=tier,
        rows=rows,
        baselines=["judge", *fixed, "Gaussian of the class"],
        seeds=config.seeds,
        split=SPLITS[tier],
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={
            "train": digest({**train.inputs, "targets": train.target}),
            "test": digest({**test.inputs, "targets": test.target}),
            "judge": digest(judge.state_dict()),
        },
    )


def _drawn(name: str, generator: Any, labels: Tensor, seed: int) -> Iterator[tuple[str, Tensor]]:
    """What a system draws; and of the full recipe, what it would draw without averaging."""
    yield name, drawn(settled(generator.mean, seed), labels, seed)
    if name == FULL:
        yield "without averaging", drawn(generator.network, labels, seed)
        yield "averaged, with the averaged statistics", drawn(generator.mean, labels, seed)


def _rows(system: str, seed: int, images: Tensor, reference: Reference) -> Iterator[Row]:
    for metric, value, condition in reference.measured(images):
        yield Row(system, metric, seed, value, condition)


def _size(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())

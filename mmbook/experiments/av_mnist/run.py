"""The experiment from data to result."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.digits.av_mnist import Parts, draw, load_parts
from mmbook.evaluation import (
    Result,
    Row,
    accuracy,
    expected_calibration_error,
    fit_temperature,
    majority_accuracy,
    predict,
)
from mmbook.experiments.av_mnist.config import (
    ALONE,
    BASELINES,
    BOTH,
    FRESH,
    SYSTEMS,
    AvMnistConfig,
)
from mmbook.experiments.av_mnist.training import Trained, Trainer
from mmbook.training.saving.checkpoints import digest

FRESH_SEEDS = {"fresh": 10_000, "fresh again": 20_000}  # so that no pair is one of the others


def run(tier: str, config: AvMnistConfig, folder: Path) -> Result:
    """Train and measure every system in every variant for every seed."""
    rows: list[Row] = []
    sizes: dict[str, int] = {}
    data: dict[str, str] = {}
    seconds = 0.0
    for variant in config.variants:
        parts = load_parts(config.bank, variant)
        data |= {f"{variant}, {split}": _identify(p) for split, p in parts.items()}
        rates: dict[str, float] = {}
        for seed in config.seeds:
            splits = draw_splits(parts, config, seed)
            trainer = Trainer(config, variant, seed, splits, rates, folder)
            for name in SYSTEMS:
                sizes[name] = _size(trainer.train(name).model)
            seconds += trainer.seconds
            rows += [
                Row(system, metric, seed, value, {"variant": variant} | condition)
                for system, metric, value, condition in _measured(trainer.done, splits)
            ]
    return Result(
        experiment="av-mnist",
        tier=tier,
        rows=rows,
        baselines=BASELINES,
        seeds=config.seeds,
        split="images, recordings and backgrounds of training, validation and test are apart; in "
        "the variant 'speakers' their voices too; rates and temperatures are chosen on validation",
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data=data,
    )


def draw_splits(parts: Mapping[str, Parts], config: AvMnistConfig, seed: int) -> dict[str, Batch]:
    """Training, validation and test samples, and twice as many training pairs as a run reads."""
    sizes = {
        "train": config.train_size,
        "validation": config.validation_size,
        "test": config.test_size,
    }
    splits = {s: draw(parts[s], n, snr_db=config.snr_db, seed=seed) for s, n in sizes.items()}
    seen = config.training.steps * config.training.batch_size
    for name, first in FRESH_SEEDS.items():
        splits[name] = draw(parts["train"], seen, snr_db=config.snr_db, seed=first + seed)
    return splits


def _identify(parts: Parts) -> str:
    """What identifies a split's parts."""
    background = parts.background.clips
    return digest({"images": parts.images, "clips": parts.clips, "background": background})


def _size(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


Measured = tuple[str, str, float, dict[str, str]]


def _measured(done: Mapping[str, Trained], splits: Mapping[str, Batch]) -> Iterator[Measured]:
    """System, metric, value and condition of all that is measured on the test samples."""
    test = splits["test"]
    yield "majority", "accuracy", majority_accuracy(test.target), {}
    for name, one in done.items():
        senses = SYSTEMS[name].modalities
        scores = predict(one.model, test.only(*senses))
        yield from _scored(name, scores, test.target)
        yield name, "seconds", one.seconds, {}
        yield name, "learning_rate", one.rate, {}
        for missing in BOTH if len(senses) > 1 else ():
            value = accuracy(predict(one.model, test.without(missing)), test.target)
            yield name, "accuracy", value, {"missing": missing}
    yield from _products(done, splits)


def _scored(name: str, scores: Tensor, target: Tensor) -> Iterator[Measured]:
    yield name, "accuracy", accuracy(scores, target), {}
    error = expected_calibration_error(scores, target)
    yield name, "expected_calibration_error", error, {}


def _products(done: Mapping[str, Trained], splits: Mapping[str, Batch]) -> Iterator[Measured]:
    """The product of the senses alone, as sure as they are and calibrated on validation."""
    held_out, test = splits["validation"], splits["test"]
    for senses, suffix in ((ALONE, ""), (FRESH, ", fresh pairs")):
        plain, calm = [], []
        for name, sense in zip(senses, BOTH, strict=True):
            scores = predict(done[name].model, test.only(sense))
            known = predict(done[name].model, held_out.only(sense))
            temperature = fit_temperature(known, held_out.target)
            yield name, "temperature", temperature, {}
            yield from _scored(f"{name}, calibrated", scores / temperature, test.target)
            plain.append(scores.log_softmax(dim=1))
            calm.append((scores / temperature).log_softmax(dim=1))
        yield from _scored(f"product{suffix}", torch.stack(plain).sum(dim=0), test.target)
        yield from _scored(f"calibrated product{suffix}", torch.stack(calm).sum(dim=0), test.target)

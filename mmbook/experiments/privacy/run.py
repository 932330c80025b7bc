"""Run all parts of the experiment on privacy, each seed and part once."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from mmbook.datasets.digits.takes import recorded_takes, synthetic_takes
from mmbook.datasets.images import load_images
from mmbook.evaluation import Result, Row, majority_accuracy
from mmbook.experiments.harness.measured import measured
from mmbook.experiments.privacy import accuracy, federation, inversion, membership
from mmbook.experiments.privacy.config import PrivacyExperiment
from mmbook.training.saving.checkpoints import digest


def run(tier: str, config: PrivacyExperiment, folder: Path) -> Result:
    """Train, attack and count for every seed; finished parts are read from the folder."""
    train, test = load_images(config.images)
    corpus = recorded_takes() if tier == "full" else synthetic_takes(config.federation.takes)
    heard = federation.heard(corpus, config.federation.frames)
    images = digest({"train": train.inputs["image"], "test": test.inputs["image"]})
    sounds = digest({"heard": heard})
    rows: list[Row] = []
    seconds = 0.0
    for seed in config.seeds:
        rows.append(Row("majority", "accuracy", seed, majority_accuracy(test.target)))
        parts = {
            **{
                system: partial(accuracy.measure, system, seed, config, train, test)
                for system in accuracy.SYSTEMS
            },
            "membership": partial(membership.measure, seed, config, train, test),
            "federation": partial(federation.measure, seed, config.federation, corpus, heard),
            "inversion": partial(inversion.measure, seed, config.inversion, test),
        }
        for name in config.parts:
            measure = parts[name]
            decided = [seed, _settings(name, config), images, sounds]
            found, spent = measured(measure, decided, folder / f"seed-{seed}", name, __name__)
            rows += found
            seconds += spent
    return Result(
        experiment="privacy",
        tier=tier,
        rows=rows,
        baselines=["majority"],
        seeds=config.seeds,
        split=f"the publisher's test images of {config.images}, and "
        f"one of {config.federation.folds} groups of speakers, another one for each seed",
        config=asdict(config),
        parameters=_sizes(config, train.inputs["image"].shape[-1], heard.shape[1]),
        seconds=round(seconds, 1),
        data={"images": images, "speakers": sounds},
    )


def _settings(name: str, config: PrivacyExperiment) -> object:
    """What of the settings decides a part."""
    if name in accuracy.SYSTEMS:
        return config.accuracy, config.epsilons, config.delta
    return getattr(config, name), config.delta


def _sizes(config: PrivacyExperiment, side: int, sounds: int) -> dict[str, int]:
    cells = -(-side // config.accuracy.cell)
    models = {
        accuracy.PIXELS: accuracy.linear(side**2),
        accuracy.ORIENTED: accuracy.linear(8 * cells**2),
        "membership": membership.perceptron(side**2, config.membership.hidden),
        "federation": federation.recogniser(sounds, config.federation.hidden),
        "inversion": inversion.reader(side),
    }
    return {name: sum(p.numel() for p in model.parameters()) for name, model in models.items()}

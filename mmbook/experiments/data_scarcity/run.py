"""Run the experiment on scarce labels: choose rates, then every number of labels for each seed."""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from mmbook.evaluation import Result, Row, majority_accuracy
from mmbook.experiments.data_scarcity import network
from mmbook.experiments.data_scarcity.config import ALONE, AUGMENTED, ScarcityConfig
from mmbook.experiments.data_scarcity.data import Draw, World, load
from mmbook.experiments.data_scarcity.ways import chosen, measure, measure_without, tune
from mmbook.experiments.harness.measured import measured
from mmbook.training.saving.checkpoints import digest


def run(tier: str, config: ScarcityConfig, folder: Path) -> Result:
    """Train and measure; finished parts are read from the folder."""
    world = load(config)
    data = {
        "train": digest({"image": world.train.images, "label": world.train.labels}),
        "test": digest({"image": world.test.images, "label": world.test.labels}),
        "source": digest({"image": world.source.images}),
        "speech": digest({"heard": world.heard}),
    }
    decided = [replace(config, seeds=()), data]
    found, seconds = measured(
        partial(tune, world, config), decided, folder / "tuning", "rates", __name__
    )
    rates = chosen(found)
    rows: list[Row] = []
    for seed in config.seeds:
        draw = Draw(world, config, seed)
        rows.append(Row("majority", "accuracy", seed, majority_accuracy(world.test.labels)))
        parts = {"0 labels": partial(measure_without, draw, rates)}
        for count in config.sizes:
            parts[f"{count} labels"] = partial(measure, draw, count, rates)
        for name, part in parts.items():
            of_part = [*decided, seed, rates]
            more, spent = measured(part, of_part, folder / f"seed-{seed}", name, __name__)
            rows += more
            seconds += spent
    return Result(
        experiment="data-scarcity",
        tier=tier,
        rows=rows,
        baselines=["majority", ALONE, AUGMENTED],
        seeds=config.seeds,
        split=f"the {len(world.test.labels)} test images of {config.images}; rates are chosen on "
        f"{len(config.tuning.draws)} other draws of {config.tuning.labels} labelled images and "
        f"{config.tuning.validation} for validation",
        config=asdict(config),
        parameters=_sizes(config, world),
        seconds=round(seconds, 1),
        data=data,
    )


def _sizes(config: ScarcityConfig, world: World) -> dict[str, int]:
    model = network.classifier(config.side)
    ear = world.heard.shape[1] * network.WIDTH + network.WIDTH + network.WIDTH * 10 + 10
    return {"network": sum(p.numel() for p in model.parameters()), "ear": ear}

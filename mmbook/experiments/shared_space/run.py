"""The experiment from data to result."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from mmbook.evaluation import Result, Row
from mmbook.experiments.shared_space.config import (
    AS_MANY_STEPS,
    BOUND,
    TEMPERATURES,
    TUNED,
    UNHEARD,
    SharedSpaceConfig,
    System,
)
from mmbook.experiments.shared_space.data import Senses, load
from mmbook.experiments.shared_space.measure import (
    Measured,
    embedded,
    geometry,
    losses,
    naming,
    of_links,
    searches,
    unheard,
)
from mmbook.experiments.shared_space.training import Trainer
from mmbook.models.alignment import SharedSpace
from mmbook.training.saving.checkpoints import digest

Rates = Mapping[tuple[str, int], float]
SPLITS = ("train", "validation", "test")


def run(tier: str, config: SharedSpaceConfig, folder: Path) -> Result:
    """Choose the rates, then train and measure all systems for every seed."""
    splits = {split: load(split, config.bank, config.size) for split in SPLITS}
    trainer = Trainer(config, splits["train"], folder)
    few = {split: senses.first(config.images) for split, senses in splits.items()}
    rates = {(s.loss, s.batch): _best_rate(trainer, s, few["validation"]) for s in TUNED}
    rows = [
        Row(name, metric, seed, value, condition)
        for seed in config.seeds
        for name, (metric, value, condition) in _measured(trainer, few, rates, seed)
    ]
    return Result(
        experiment="shared-space",
        tier=tier,
        rows=rows,
        baselines=["no link"],
        seeds=config.seeds,
        split="images and voices of training, validation and test are apart; words are the same "
        "twenty; rates are chosen on validation",
        config=asdict(config),
        parameters=trainer.sizes,
        seconds=round(trainer.seconds, 1),
        data={split: digest(dict(senses.values)) for split, senses in splits.items()},
    )


def _best_rate(trainer: Trainer, system: System, validation: Senses) -> float:
    """The rate that is best on validation images and clips; of equals the first."""

    def score(rate: float) -> float:
        model = trainer.train(system, trainer.config.tuning_seed, rate)
        return naming(embedded(model, validation))

    return max(trainer.config.rates, key=score)


def _measured(
    trainer: Trainer, few: Mapping[str, Senses], rates: Rates, seed: int
) -> Iterator[tuple[str, Measured]]:
    """The name of a system, and what was measured of it."""
    config, test = trainer.config, few["test"]

    def trained_with(system: System) -> SharedSpace:
        return trainer.train(system, seed, rates[system.loss, system.batch])

    for system in (*TUNED, *AS_MANY_STEPS):
        model = trained_with(system)
        where = {"batch": system.batch, "equal": system.equal}
        found: list[Measured] = [
            ("rate", rates[system.loss, system.batch], {}),
            *losses(model, few["train"], system, config),
            *searches(embedded(model, test), config.galleries),
        ]
        for metric, value, condition in found:
            yield system.loss, (metric, value, {**condition, **where})
    for name, system in TEMPERATURES.items():
        model = trained_with(system)
        space = embedded(model, test)
        for part in (
            searches(space, config.galleries),
            geometry(model, test, space, system, config),
            losses(model, few["train"], system, config),
        ):
            yield from ((name, one) for one in part)
    for name, system in BOUND.items():
        space = embedded(trained_with(system), test)
        yield from ((name, one) for one in of_links(space, system, config, seed))
    for name, system in UNHEARD.items():
        space = embedded(trained_with(system), test)
        yield from ((name, one) for one in unheard(space, config.galleries))

"""The experiment from data to result."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from mmbook.encoders import RecurrentEncoder
from mmbook.evaluation import Result, Row
from mmbook.experiments.harness.trained import trained
from mmbook.experiments.shared_space.config import (
    AS_MANY_STEPS,
    BOUND,
    TEMPERATURES,
    TUNED,
    UNHEARD,
    SharedSpaceConfig,
    System,
)
from mmbook.experiments.shared_space.data import LANGUAGES, VOCABULARY, Senses, Shown, draw, load
from mmbook.experiments.shared_space.losses import objective_of
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
from mmbook.models import digit_encoders
from mmbook.models.alignment import SharedSpace
from mmbook.training import Objective, seed_everything
from mmbook.training.saving.checkpoints import digest

FIRST_BIAS = -10.0  # of the sigmoid loss: nearly all combinations are no pairs
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


class Trainer:
    """Trains spaces, each once, and adds up the seconds."""

    def __init__(self, config: SharedSpaceConfig, senses: Senses, folder: Path) -> None:
        self.config, self.senses, self.folder = config, senses, folder
        self.shown = Shown(senses.values)
        self.sizes: dict[str, int] = {}
        self._took: dict[tuple[str, int], float] = {}

    @property
    def seconds(self) -> float:
        """Of all training so far."""
        return sum(self._took.values())

    def train(self, system: System, seed: int, rate: float) -> SharedSpace:
        """A system of a seed, with this learning rate."""
        training = self.config.training
        steps = system.steps(training.steps)
        settings = replace(
            training,
            seed=seed,
            steps=steps,
            batch_size=system.batch,
            learning_rate=rate,
        )
        samples = draw(self.senses, system, steps * system.batch, seed)
        name = unit_name(system, steps, settings.learning_rate)
        model = untrained(system, self.config.width, seed)
        self._took[name, seed] = trained(
            model,
            samples,
            settings,
            self.folder / f"seed-{seed}",
            name,
            __name__,
            objectives=Objective(objective_of(system)),
            augment=self.shown,
        )
        self.sizes[" + ".join(system.senses)] = sum(p.numel() for p in model.parameters())
        return model


def unit_name(system: System, steps: int, rate: float) -> str:
    """What tells a run from all others of a seed: the same for systems that are trained alike."""
    pairs = " ".join(f"{a}-{b}" for a, b in system.pairs)
    scale = f"scale {system.scale:.4g}{'' if system.learned else ' fixed'}"
    without = "" if system.withheld == "nothing" else f", without {system.withheld}"
    return f"{system.loss}, {pairs}, {steps} of {system.batch}, {scale}, rate {rate:g}{without}"


def untrained(system: System, width: int, seed: int) -> SharedSpace:
    """A space with its first weights."""
    seed_everything(seed)
    encoders = digit_encoders([m for m in system.senses if m not in LANGUAGES], VOCABULARY, width)
    words = [m for m in system.senses if m in LANGUAGES]
    encoders |= {m: RecurrentEncoder(VOCABULARY, width=width) for m in words}
    bias = FIRST_BIAS if system.loss == "sigmoid" else None
    model = SharedSpace(encoders, width, space=width, scale=system.scale, bias=bias)
    model.log_scale.requires_grad_(system.learned)
    return model


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

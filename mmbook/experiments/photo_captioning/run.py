"""The experiment from data to result."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mmbook.datasets.real.flickr8k import load_flickr8k
from mmbook.evaluation import Result, Row
from mmbook.experiments.photo_captioning.config import SYSTEMS, PhotoCaptioningConfig
from mmbook.experiments.photo_captioning.criticism import CRITICISED, criticised
from mmbook.experiments.photo_captioning.measure import (
    Judge,
    Measured,
    constants,
    described,
    people,
)
from mmbook.experiments.photo_captioning.settings import System
from mmbook.experiments.photo_captioning.texts import Words, words_of
from mmbook.experiments.photo_captioning.training import Trainer
from mmbook.models.captioning import Captioner, Language
from mmbook.training.saving.checkpoints import digest

SPLITS = ("train", "validation", "test")
CONSTANT, PEOPLE = "one caption for all", "people"


def run(tier: str, config: PhotoCaptioningConfig, folder: Path) -> Result:
    """Train and measure every system for every seed, in one order of seeds for each system."""
    data = {split: load_flickr8k(split) for split in SPLITS}
    found = Findings(config, Trainer(config, data, folder))
    languages: list[Language] = [SYSTEMS[name].language for name in config.systems]
    for language in dict.fromkeys(languages):
        found.without_training(language)
    for seed in config.seeds:
        for name in config.systems:
            found.system(name, SYSTEMS[name], seed)
    return Result(
        experiment="photo-captioning",
        tier=tier,
        rows=found.rows,
        baselines=[CONSTANT, PEOPLE],
        seeds=config.seeds,
        split="the publishers': 6000 photographs train, 1000 validation, which chooses the penalty "
        "for length, 1000 test; people's captions are held against four others, all else "
        "against five; words without case and punctuation, Chinese as characters",
        config=asdict(config)
        | {"systems": {name: asdict(SYSTEMS[name]) for name in config.systems}},
        parameters=found.sizes,
        seconds=round(found.seconds, 1),
        data={split: digest({"images": photographs.images}) for split, photographs in data.items()},
    )


@dataclass
class Findings:
    """What is found out of trained systems, and what their training took."""

    config: PhotoCaptioningConfig
    trainer: Trainer
    rows: list[Row] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    _references: dict[tuple[str, str], Words] = field(default_factory=dict)

    def references(self, split: str, language: Language) -> Words:
        """The words of a split's captions by people."""
        key = split, language
        if key not in self._references:
            captions = self.trainer.data[split].captions[language]
            self._references[key] = words_of(captions, language)
        return self._references[key]

    def without_training(self, language: Language) -> None:
        """The rows that have no seeds, as each row needs one."""
        train, known, asked = (self.references(split, language) for split in SPLITS)
        constant = [*constants(train, known, Judge(asked))]
        human = [*people(asked)]
        for seed in self.config.seeds:
            self.rows += _rows(CONSTANT, seed, constant, split="test", language=language)
            self.rows += _rows(PEOPLE, seed, human, split="test", language=language)

    def system(self, name: str, system: System, seed: int) -> None:
        """Train a system, choose its penalty for length, and measure it."""
        if name.endswith(CRITICISED):
            before = name.removesuffix(CRITICISED)
            criticism = self.config.criticism
            model, took = criticised(self.trainer, before, system, seed, criticism)
        else:
            model, took = self.trainer.train(name, system, seed)
        self.seconds += took
        self.sizes[name] = sum(p.numel() for p in model.parameters())
        self.rows.append(Row(name, "seconds", seed, took))
        penalty = self.penalty(model, system)
        self.rows.append(Row(name, "penalty", seed, penalty))
        for split in SPLITS[1:]:
            images = self.trainer.shown(system, split)
            judge = Judge(self.references(split, system.language), seed)
            for beam in (1, self.config.beam):
                captions = described(model, images, system.language, beam, penalty)
                where = {"split": split, "beam": beam, "language": system.language}
                self.rows += _rows(name, seed, judge.measured(captions), **where)

    def penalty(self, model: Captioner, system: System) -> float:
        """The penalty for length with which a beam's captions have the best CIDEr on validation."""
        config, images = self.config, self.trainer.shown(system, "validation")
        judge = Judge(self.references("validation", system.language))
        tried = {
            penalty: judge.cider(described(model, images, system.language, config.beam, penalty))
            for penalty in config.penalties
        }
        return max(tried, key=lambda penalty: tried[penalty])


def _rows(system: str, seed: int, found: Iterable[Measured], **where: str | float) -> Iterator[Row]:
    for metric, value, condition in found:
        yield Row(system, metric, seed, value, {**where, **condition})

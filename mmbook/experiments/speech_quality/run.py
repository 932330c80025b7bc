"""The experiment from data to result."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from mmbook.evaluation import Result, Row
from mmbook.experiments.speech_quality.baselines import (
    BOOSTING,
    CONSTANT,
    LINEAR,
    baseline,
    constant,
    recording_statistics,
)
from mmbook.experiments.speech_quality.config import SHIPPED, SpeechQualityConfig
from mmbook.experiments.speech_quality.measure import (
    Measured,
    Truth,
    measured,
    tuned_thresholds,
    verdicts,
)
from mmbook.experiments.speech_quality.training import Recordings, Trainer, as_floats, load
from mmbook.models.pretrained import save_pretrained
from mmbook.training import is_main
from mmbook.training.saving.checkpoints import digest

SPLITS = {
    "mini": "synthetic voices and kinds of noise that training does not have; thresholds are from "
    "a third set of voices and noises",
    "full": "two people and kinds of noise that training does not have; thresholds are from two "
    "others",
}


def run(tier: str, config: SpeechQualityConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; the inspectors are left as folders."""
    trainer = Trainer(config, tier, folder)
    found = Findings(
        trainer, load("validation", config.validation, tier), load("test", config.test, tier)
    )
    found.baselines()
    for seed in config.seeds:
        for name in config.systems:
            found.system(name, seed)
    sets = {"train": trainer.recordings, "validation": found.validation, "test": found.test}
    return Result(
        experiment="speech-quality",
        tier=tier,
        rows=found.rows,
        baselines=[CONSTANT, LINEAR, BOOSTING],
        seeds=config.seeds,
        split=f"{config.test} recordings of {SPLITS[tier]}",
        config=asdict(config),
        parameters=found.sizes,
        seconds=round(found.seconds, 1),
        data={name: digest({**r.batch.inputs, **r.batch.targets}) for name, r in sets.items()},
    )


@dataclass
class Findings:
    """What is found out of trained systems, and what their training took."""

    trainer: Trainer
    validation: Recordings
    test: Recordings
    rows: list[Row] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def baselines(self) -> None:
        """Those that know only statistics of whole recordings, or nothing."""
        train, test = self.trainer.recordings, self.test
        learned, asked = (
            recording_statistics(as_floats(r.batch).inputs["audio"]) for r in (train, test)
        )
        known, truth = truth_of(train), truth_of(test)
        for seed in self.trainer.config.seeds:
            said = {CONSTANT: constant(known, len(asked))}
            for name in (LINEAR, BOOSTING):
                said[name] = baseline(name, learned, known, asked, seed)
            for name, verdict in said.items():
                self.rows += _rows(name, seed, measured(verdict, truth, None))

    def system(self, name: str, seed: int) -> None:
        """Train a system, measure it, and leave its folder."""
        model, took = self.trainer.train(name, seed)
        self.seconds += took
        self.sizes[name] = sum(p.numel() for p in model.parameters())
        tuned = verdicts(model, as_floats(self.validation.batch))
        said = verdicts(model, as_floats(self.test.batch))
        truth = truth_of(self.validation)
        assert tuned.frames is not None
        of_frames = tuned_thresholds(tuned.frames, truth.frames)
        self.rows += _rows(name, seed, measured(said, truth_of(self.test), of_frames))
        if name in SHIPPED and is_main():
            place = self.trainer.folder / f"seed-{seed}" / SHIPPED[name]
            config = replace(
                model.config,
                thresholds=tuple(tuned_thresholds(tuned.faults, truth.faults).values()),
                frame_thresholds=tuple(of_frames.values()),
            )
            save_pretrained(place, config, model)


def truth_of(recordings: Recordings) -> Truth:
    """What is true of recordings."""
    return Truth.of(recordings.batch.targets, recordings.speakers)


def _rows(system: str, seed: int, found: Iterable[Measured]) -> Iterator[Row]:
    for metric, value, condition in found:
        yield Row(system, metric, seed, value, condition)

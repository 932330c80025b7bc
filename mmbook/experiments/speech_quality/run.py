"""The experiment from data to result."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from torch import Tensor

from mmbook.batch import Batch
from mmbook.datasets.speech_faults.collection import render
from mmbook.datasets.speech_faults.material import load_material
from mmbook.datasets.speech_faults.mixing import draw_mixtures
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
    agreement,
    careful_thresholds,
    correlations,
    flagged,
    measured,
    noticed,
    snr_errors,
    tuned_thresholds,
    verdicts,
)
from mmbook.experiments.speech_quality.scorers import PAUSES, SCORERS, opinions, snr_by_pauses
from mmbook.experiments.speech_quality.training import (
    LOUDEST,
    Recordings,
    Trainer,
    as_floats,
    load,
)
from mmbook.models.pretrained import save_pretrained
from mmbook.training import is_main
from mmbook.training.saving.checkpoints import digest

SPLITS = {
    "mini": "synthetic voices and kinds of noise that training does not have; thresholds are from "
    "a third set of voices and noises",
    "full": "two people and kinds of noise that training does not have; thresholds are from two "
    "others",
}


# Recordings without any fault of each of two splits; with faults of kinds that training never has;
# and those of the test that the scorers of others hear, who take seconds for each.
CLEAN = {"mini": 100, "full": 600}
UNSEEN = {"mini": 200, "full": 800}
SCORED = {"mini": 0, "full": 150}
ORIGINAL = "PESQ with the original"  # what is measured, and not guessed
BASELINES = (CONSTANT, LINEAR, BOOSTING, ORIGINAL)


def run(tier: str, config: SpeechQualityConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; the inspectors are left as folders."""
    trainer = Trainer(config, tier, folder)
    found = Findings(trainer, load_asked(tier, config))
    found.baselines()
    if SCORED[tier]:
        found.scorers()
    for seed in config.seeds:
        for name in config.systems:
            found.system(name, seed)
    asked = found.asked
    sets = {"train": trainer.recordings, "validation": asked.validation, "test": asked.test}
    return Result(
        experiment="speech-quality",
        tier=tier,
        rows=found.rows,
        baselines=[
            CONSTANT,
            LINEAR,
            BOOSTING,
            ORIGINAL,
            *([*SCORERS, PAUSES] if SCORED[tier] else []),
        ],
        seeds=config.seeds,
        split=f"{config.test} recordings of {SPLITS[tier]}",
        config=asdict(config),
        parameters=found.sizes,
        seconds=round(found.seconds, 1),
        data={name: digest({**r.batch.inputs, **r.batch.targets}) for name, r in sets.items()},
    )


@dataclass(frozen=True, eq=False)
class Asked:
    """The recordings that systems are asked about.

    clean: recordings without a fault, of the voices of validation and test. unseen: of the test's
    voices, with faults of other kinds; kinds: of each of these, "" of none.
    """

    validation: Recordings
    test: Recordings
    clean: Recordings
    unseen: Recordings
    kinds: tuple[str, ...]

    def first(self, count: int) -> tuple[Tensor, Truth]:
        """Some of the test's recordings, (count, samples), and what is true of them."""
        some = Recordings(self.test.batch[slice(count)], self.test.speakers[:count])
        return as_floats(some.batch).inputs["audio"], truth_of(some)


def load_asked(tier: str, config: SpeechQualityConfig) -> Asked:
    """All recordings of a tier that no system learns from."""
    parts = [undamaged(split, CLEAN[tier], tier) for split in ("validation", "test")]
    speakers = tuple(name for part in parts for name in part.speakers)
    unseen = draw_mixtures(load_material("unseen", tier), UNSEEN[tier], unseen=True)
    return Asked(
        validation=load("validation", config.validation, tier),
        test=load("test", config.test, tier),
        clean=Recordings(Batch.joined([part.batch for part in parts]), speakers),
        unseen=load("unseen", UNSEEN[tier], tier),
        kinds=tuple(mixture.unseen for mixture in unseen),
    )


def undamaged(split: str, size: int, tier: str) -> Recordings:
    """Recordings of a split's voices without any fault."""
    material = load_material(split, tier)
    mixtures = draw_mixtures(material, size, chance=0.0)
    audio = (render(material, mixtures).waveforms.clamp(-1, 1) * LOUDEST).round().short()
    return Recordings(Batch({"audio": audio}), tuple(mixture.voice for mixture in mixtures))


@dataclass
class Findings:
    """What is found out of trained systems, and what their training took."""

    trainer: Trainer
    asked: Asked
    rows: list[Row] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def baselines(self) -> None:
        """Those that know statistics of whole recordings, or nothing; and the measure itself."""
        train, test = self.trainer.recordings, self.asked.test
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
            exact = truth_of(self.asked.unseen).pesq
            self.rows += _rows(ORIGINAL, seed, noticed(exact, self.asked.kinds))

    def scorers(self) -> None:
        """Those that others trained; they have no seeds, and each row needs one."""
        audio, truth = self.asked.first(SCORED[self.trainer.tier])
        opinion = {name: opinions(name, audio) for name in SCORERS}
        snr = snr_by_pauses(as_floats(self.asked.test.batch).inputs["audio"])
        for seed in self.trainer.config.seeds:
            for name, scores in opinion.items():
                for measure in ("stoi", "pesq"):
                    found = correlations(scores, getattr(truth, measure), measure, **self.few)
                    self.rows += _rows(name, seed, found)
            self.rows += _rows(PAUSES, seed, snr_errors(snr, truth_of(self.asked.test)))

    @property
    def few(self) -> dict[str, str]:
        """How rows are marked that are about what the scorers heard."""
        return {"recordings": f"the first {SCORED[self.trainer.tier]}"}

    def system(self, name: str, seed: int) -> None:
        """Train a system, measure it, and leave its folder."""
        model, took = self.trainer.train(name, seed)
        self.seconds += took
        self.sizes[name] = sum(p.numel() for p in model.parameters())
        asked, truth = self.asked, truth_of(self.asked.validation)
        tuned, said, unseen, clean = (
            verdicts(model, as_floats(r.batch))
            for r in (asked.validation, asked.test, asked.unseen, asked.clean)
        )
        assert tuned.frames is not None
        of_frames = tuned_thresholds(tuned.frames, truth.frames)
        self.rows += _rows(name, seed, measured(said, truth_of(asked.test), of_frames))
        other = {"recordings": "unseen kinds"}
        self.rows += _rows(name, seed, agreement(unseen, truth_of(asked.unseen), **other))
        self.rows += _rows(name, seed, noticed(unseen.pesq, asked.kinds))
        self.rows += _rows(name, seed, flagged(clean.faults, asked.clean.speakers))
        if count := SCORED[self.trainer.tier]:
            part, (_, known) = said.first(count), asked.first(count)
            self.rows += _rows(name, seed, agreement(part, known, **self.few))
        if name in SHIPPED and is_main():
            place = self.trainer.folder / f"seed-{seed}" / SHIPPED[name]
            without = clean.faults[: CLEAN[self.trainer.tier]]  # validation's voices
            config = replace(
                model.config,
                thresholds=careful_thresholds(tuned.faults, truth.faults, without),
                frame_thresholds=tuple(of_frames.values()),
            )
            save_pretrained(place, config, model)


def truth_of(recordings: Recordings) -> Truth:
    """What is true of recordings."""
    return Truth.of(recordings.batch.targets, recordings.speakers)


def _rows(system: str, seed: int, found: Iterable[Measured]) -> Iterator[Row]:
    for metric, value, condition in found:
        yield Row(system, metric, seed, value, condition)

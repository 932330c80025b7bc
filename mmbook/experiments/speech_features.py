"""What is each step from waveform to MFCC worth? One classifier, eight representations, two tests.

The first test holds out takes of speakers that were heard in training, the second one all takes of
some speakers. Nothing is trained by chance, so the repeated unit is the fold: in each, other takes
and other speakers are held out. The first fold of the full tier is the publisher's split.
"""

import itertools
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from mmbook.datasets.digits.takes import NEW, SEEN, TESTS, Takes, recorded_takes, synthetic_takes
from mmbook.evaluation import Result, Row
from mmbook.evaluation.probes import NEIGHBOUR, probe
from mmbook.experiments.harness.measured import measured
from mmbook.preprocessing.audio.features import FEATURES, features
from mmbook.training.saving.checkpoints import digest


@dataclass(frozen=True)
class SpeechFeaturesConfig:
    """The folds, what makes a take, and the classifier.

    seeds: which of the `folds` are tested. frames: what every clip is stretched to, so that clips
    of different lengths can be compared. penalty: C of the support vector machine.
    takes, speed, snr_db: of the mini tier, whose synthetic voices say a word in one way only; a
    take is that clip at another speed, with noise at another ratio.
    """

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    folds: int = 6
    frames: int = 24
    penalty: float = 10.0
    takes: int = 6
    speed: tuple[float, float] = (0.85, 1.15)
    snr_db: tuple[float, float] = (20.0, 40.0)


TIERS = {"mini": SpeechFeaturesConfig(), "full": SpeechFeaturesConfig()}


def run(tier: str, config: SpeechFeaturesConfig, folder: Path) -> Result:
    """Climb the ladder in every fold, with speakers that were heard in training and with others."""
    corpus = (
        recorded_takes()
        if tier == "full"
        else synthetic_takes(config.takes, config.speed, config.snr_db)
    )
    clips = digest({str(i): clip for i, clip in enumerate(corpus.clips)})
    speakers = [corpus.speakers, corpus.labels.tolist(), corpus.take_groups.tolist()]
    rows = [Row("chance", "accuracy", fold, 0.1) for fold in config.seeds]
    widths, seconds = {}, 0.0
    for name in FEATURES:
        widths[name] = features(name, corpus.clips[:1], config.frames).shape[1]
        found, spent = measured(
            partial(_climb, name, corpus, config), [config, clips, speakers], folder, name, __name__
        )
        rows += found
        seconds += spent
    return Result(
        experiment="speech-features",
        tier=tier,
        rows=rows,
        baselines=["chance", NEIGHBOUR],
        seeds=config.seeds,
        split=_split(tier, corpus, config),
        config=asdict(config),
        parameters=widths,
        seconds=round(seconds, 1),
        data={"clips": clips},
    )


def _climb(name: str, corpus: Takes, config: SpeechFeaturesConfig) -> list[Row]:
    """What both tests say of one representation in every fold."""
    numbers, rows = features(name, corpus.clips, config.frames), []
    for test, fold in itertools.product(TESTS, config.seeds):
        held_out = corpus.held_out(test, fold, config.folds)
        scores = probe(numbers, corpus.labels, held_out, config.penalty)
        for system, score in scores.items():
            rows.append(Row(system, "accuracy", fold, score, {"features": name, "test": test}))
    return rows


def _split(tier: str, corpus: Takes, config: SpeechFeaturesConfig) -> str:
    """What is held out, in words."""
    speakers, groups = len(set(corpus.speakers)), len(corpus.take_groups.unique())
    name = "FSDD" if tier == "full" else "synthetic voices"
    return (
        f"{name}, {len(corpus.clips)} clips of {speakers} speakers; the values are folds, not "
        f"seeds; {SEEN}: one group of takes in {groups} is held out"
        + (" (in fold 0 the publisher's test takes 0-4)" if tier == "full" else "")
        + f"; {NEW}: held out are {speakers // config.folds} of {speakers} speakers"
    )

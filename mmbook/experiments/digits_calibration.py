"""How good are both senses together where nothing disturbs them, and what spoils it?

An ear that meets new speakers is surer than it is right, and outvotes an eye that is right. Its
confidence on speakers that it has not heard can be measured without the test speakers: by ears that
were trained with one group of the training voices left out.
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from mmbook.datasets.digits import Degradation, DigitBank, draw, load_bank
from mmbook.evaluation import Result, accuracy, calibration_error, fit_temperature, predict
from mmbook.experiments.digits_fusion import TEST_SEED, describe_splits, identify
from mmbook.experiments.trained import trained
from mmbook.models import expert
from mmbook.samples import Samples
from mmbook.training import TrainingConfig, seed_everything

VALIDATION_SEED = 20_000


@dataclass(frozen=True)
class DigitsCalibrationConfig:
    """Sizes, how training varies the items, and the settings of the training loop.

    folds: groups of the training voices, each left out once to measure the ear's confidence.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    train_size: int = 10_000
    test_size: int = 2_000
    folds: int = 4
    variation: Degradation = field(
        default_factory=lambda: Degradation(
            picture_noise=(0.0, 0.2), speech_snr_db=(10.0, 40.0), speech_speed=(0.8, 1.25)
        )
    )
    training: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            steps=500, batch_size=128, learning_rate=3e-3, weight_decay=0.1, checkpoint_every=250
        )
    )


TIERS = {
    "mini": DigitsCalibrationConfig(),
    "full": DigitsCalibrationConfig(
        train_size=120_000,
        test_size=10_000,
        training=TrainingConfig(
            steps=2_500, batch_size=128, learning_rate=3e-3, weight_decay=0.1, checkpoint_every=250
        ),
    ),
}


def run(tier: str, config: DigitsCalibrationConfig, folder: Path) -> Result:
    """Train the experts of every seed, measure them and their product, plain and calibrated."""
    banks = {split: load_bank(split, tier) for split in ("train", "validation", "test")}
    trainings = [_Training(config, seed, folder / f"seed-{seed}") for seed in config.seeds]
    per_seed = [_measure(banks, training) for training in trainings]
    measured = {name: [values[name] for values in per_seed] for name in per_seed[0]}
    baselines = ("picture alone", "speech alone", "product")
    sizes = {s: sum(p.numel() for p in expert(s, 0).parameters()) for s in ("picture", "speech")}
    return Result(
        experiment="digits-calibration",
        tier=tier,
        metrics={name: v for name, v in measured.items() if name not in baselines},
        baselines={name: {"accuracy": measured[name]} for name in baselines},
        seeds=config.seeds,
        split=describe_splits(banks["train"], banks["test"]),
        config=asdict(config),
        parameters=sizes,
        seconds=round(sum(training.seconds for training in trainings), 1),
        data={split: identify(bank) for split, bank in banks.items()},
    )


class _Training:
    """Trains the experts of one seed and adds up the seconds."""

    def __init__(self, config: DigitsCalibrationConfig, seed: int, folder: Path) -> None:
        self.config, self.seed, self.folder, self.seconds = config, seed, folder, 0.0

    def expert(self, sense: str, bank: DigitBank, name: str) -> nn.Module:
        samples = draw(
            bank, self.config.train_size, degradation=self.config.variation, seed=self.seed
        )
        seed_everything(self.seed)
        model = expert(sense, 0)
        settings = replace(self.config.training, seed=self.seed)
        self.seconds += trained(model, samples.only(sense), settings, self.folder, name)
        return model

    def held_out(self, bank: DigitBank, size: int, first_seed: int) -> Samples:
        return draw(bank, size, seed=first_seed + self.seed)


def _measure(banks: dict[str, DigitBank], training: _Training) -> dict[str, float]:
    """Accuracies, calibration errors and temperatures of one seed."""
    test = training.held_out(banks["test"], training.config.test_size, TEST_SEED)
    eye = training.expert("picture", banks["train"], "picture")
    ear = training.expert("speech", banks["train"], "speech")
    seen, heard = predict(eye, test.only("picture")), predict(ear, test.only("speech"))
    validation = training.held_out(
        banks["validation"], training.config.test_size, VALIDATION_SEED
    ).only("picture")
    eye_temperature = fit_temperature(predict(eye, validation), validation.targets)
    ear_temperature = fit_temperature(*_strangers(banks["train"], training))
    calm_seen, calm_heard = seen / eye_temperature, heard / ear_temperature
    targets = test.targets
    return {
        "picture alone": accuracy(seen, targets),
        "speech alone": accuracy(heard, targets),
        "product": accuracy(seen.log_softmax(1) + heard.log_softmax(1), targets),
        "calibrated product": accuracy(
            calm_seen.log_softmax(1) + calm_heard.log_softmax(1), targets
        ),
        "calibration error of speech": calibration_error(heard, targets),
        "calibration error of calibrated speech": calibration_error(calm_heard, targets),
        "temperature of picture": eye_temperature,
        "temperature of speech": ear_temperature,
    }


def _strangers(bank: DigitBank, training: _Training) -> tuple[Tensor, Tensor]:
    """Scores and targets of training voices, each by an ear that was trained without them."""
    voices, folds = sorted(set(bank.voices)), training.config.folds
    scores, targets = [], []
    for fold in range(folds):
        left_out = set(voices[fold::folds])
        ear = training.expert("speech", _without(bank, left_out), f"speech-without-{fold}")
        strangers = training.held_out(
            _without(bank, set(voices) - left_out),
            training.config.test_size // folds,
            VALIDATION_SEED,
        )
        scores.append(predict(ear, strangers.only("speech")))
        targets.append(strangers.targets)
    return torch.cat(scores), torch.cat(targets)


def _without(bank: DigitBank, voices: set[str]) -> DigitBank:
    """The bank without the clips of some voices."""
    rows = [i for i, voice in enumerate(bank.voices) if voice not in voices]
    return replace(
        bank,
        clips=bank.clips[rows],
        clip_labels=bank.clip_labels[rows],
        clip_words=[bank.clip_words[i] for i in rows],
        voices=[bank.voices[i] for i in rows],
    )

"""The experiment from data to result."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from mmbook.datasets.digits.bank import DigitBank, load_bank
from mmbook.datasets.digits.items import Corruption
from mmbook.evaluation import Result, Row, accuracy, fit_temperature, majority_accuracy, predict
from mmbook.experiments.calibration.config import FOLDS, SHARES, CalibrationConfig
from mmbook.experiments.calibration.measure import Found
from mmbook.experiments.calibration.training import Stripes, Trainer
from mmbook.experiments.calibration.voices import Heard, Voices, everyone, hear, split
from mmbook.training.saving.checkpoints import digest

TEST_SEED, FITTING_SEED = 10_000, 20_000  # so that no sample has the noise of another's
FAINTEST, LOUDEST, HALVINGS = -15.0, 30.0, 9  # decibels of the search for as many errors


def run(tier: str, config: CalibrationConfig, folder: Path) -> Result:
    """Train and measure the ears of every round and seed; checkpoints go to the folder."""
    banks = {part: load_bank(part, config.bank) for part in ("train", "validation", "test")}
    voices = everyone(banks)
    rows: list[Row] = []
    sizes: dict[str, int] = {}
    seconds = 0.0
    for seed in config.seeds:
        trainer, found = Trainer(config, seed, folder / f"seed-{seed}"), Found()
        eye = _Eye(trainer, banks)
        for number in range(config.rounds):
            _Round(trainer, split(voices, config, seed, number), number, found).measure(eye)
        rows += found.rows(seed)
        seconds += trainer.seconds
        sizes |= trainer.sizes
    return Result(
        experiment="calibration",
        tier=tier,
        rows=rows,
        baselines=["majority", "eye"],
        seeds=config.seeds,
        split=f"{config.rounds} rounds, each with {config.voices} of "
        f"{len(set(voices.voices))} voices in the test, as many others for a temperature and the "
        "rest in training, drawn anew for each seed; no image of the test is one of training",
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={part: digest({"i": b.images, "c": b.clips}) for part, b in banks.items()},
    )


class _Eye:
    """The eye of a seed, as sure as it is right about images held out for validation."""

    def __init__(self, trainer: Trainer, banks: Mapping[str, DigitBank]) -> None:
        self._model, config = trainer.eye(banks["train"]), trainer.config
        noise = Corruption(image_noise=config.image_noise)
        size, seed = config.test_size * config.rounds, FITTING_SEED + trainer.seed
        held_out = hear(banks["validation"], size, noise, seed).samples.only("image")
        self._temperature = fit_temperature(predict(self._model, held_out), held_out.target)

    def scores(self, heard: Heard) -> Tensor:
        """Scores (n, 10) of the images, calibrated."""
        return predict(self._model, heard.samples.only("image")) / self._temperature


class _Round:
    """The ears of one split of the voices."""

    def __init__(self, trainer: Trainer, voices: Voices, number: int, found: Found) -> None:
        self.trainer, self.voices, self.number, self.found = trainer, voices, number, found
        self.config, self.noise = trainer.config, Corruption(audio_snr_db=trainer.config.noise)

    def measure(self, eye: _Eye) -> None:
        """Train the ears, and measure them on known voices and on new ones."""
        ear = self._ear("ear", self.voices.train)
        tests = {"known": self._hear(self.voices.known), "new": self._hear(self.voices.new)}
        fitted = self._temperatures(ear)
        members = self._fold_members(fitted)
        for whose, heard in tests.items():
            scores = _listen(ear, heard)
            best = fitted | {"oracle": _fit(ear, heard)}
            for how, value in best.items():
                self._add("ear", scores / value, heard, voices=whose, temperature=how)
                product = eye.scores(heard).log_softmax(1) + (scores / value).log_softmax(1)
                self._add("product", product, heard, voices=whose, temperature=how)
            self._add("eye", eye.scores(heard), heard, voices=whose)
        for how, value in fitted.items():
            self.found.note("ear", "temperature", value, {"temperature": how})
        new = tests["new"]
        self.found.note("majority", "accuracy", majority_accuracy(new.target), {"voices": "new"})
        self._controls(ear, fitted["known voices"], accuracy(_listen(ear, new), new.target))
        self._fewer(members | {SHARES: [ear]}, new)
        self._augmented(tests)
        self._ensemble(members[SHARES - 1], fitted[f"cross-fitted in {SHARES}"], new)

    def _temperatures(self, ear: nn.Module) -> dict[str, float]:
        """Those of the ear that no fold is needed for, by what they were fitted on."""
        return {
            "none": 1.0,
            "known voices": _fit(ear, self._fitting(self.voices.known)),
            "other voices": _fit(ear, self._fitting(self.voices.other)),
        }

    def _fold_members(self, fitted: dict[str, float]) -> dict[int, list[nn.Module]]:
        """Ears by the number of shares that they were trained on.

        What ears of the same folds say of the voices that each was trained without gives one more
        of the fitted temperatures. It falls with the shares that they were trained on: the
        logarithm, drawn on in a line from two shares and three to all four, gives the last one.
        """
        ears = {1: [self._ear("one share", self.voices.fold((1, 2, 3))[0])]}
        for folds, left_out in FOLDS.items():
            members, scores, targets = [], [], []
            for shares in left_out:
                familiar, strange = self.voices.fold(shares)
                members.append(self._ear(f"ear without {shares}", familiar))
                heard = self._fitting(strange, self.config.test_size // len(left_out))
                scores.append(_listen(members[-1], heard))
                targets.append(heard.target)
            temperature = fit_temperature(torch.cat(scores), torch.cat(targets))
            fitted[f"cross-fitted in {folds}"] = temperature
            ears[SHARES - len(left_out[0])] = members
        half, most = (fitted[f"cross-fitted in {folds}"] for folds in FOLDS)
        fitted["extrapolated"] = most * most / half
        return ears

    def _controls(self, ear: nn.Module, calm: float, target: float) -> None:
        """Known voices in noise in which the ear errs as often as with new ones.

        Of the ear, which met such noise in training, and of one that met none. calm: the ear's
        temperature on known voices with little noise. target: the accuracy with new voices.
        """
        known, clean = self.voices.known, Corruption()
        deaf = self._ear("ear, noise unheard", self.voices.train, clean)
        calm_deaf = _fit(deaf, self._fitting(known, noise=clean))
        quiet = self._hear(known, clean)
        self._add(
            "ear, noise unheard", _listen(deaf, quiet), quiet, voices="known", temperature="none"
        )
        for system, model, before in (
            ("ear", ear, calm),
            ("ear, noise unheard", deaf, calm_deaf),
        ):
            where = {"voices": "known, noisier"}
            level = self._as_wrong(model, target)
            self.found.note(system, "audio_snr_db", level, where)
            noise = Corruption(audio_snr_db=level)
            after = _fit(model, self._fitting(known, noise=noise))
            heard = self._hear(known, noise)
            scores = _listen(model, heard)
            for how, value in {"none": 1.0, "known voices": before, "same noise": after}.items():
                self._add(system, scores / value, heard, **where, temperature=how)

    def _as_wrong(self, ear: nn.Module, target: float) -> float:
        """The decibels at which known voices are recognised this often, by halving a range."""
        low, high = FAINTEST, LOUDEST
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            heard = self._fitting(self.voices.known, noise=Corruption(audio_snr_db=middle))
            is_too_loud = accuracy(_listen(ear, heard), heard.target) < target
            low, high = (middle, high) if is_too_loud else (low, middle)
        return (low + high) / 2

    def _fewer(self, ears: Mapping[int, Sequence[nn.Module]], new: Heard) -> None:
        """What ears of fewer training voices say of new ones, each by itself."""
        each = len(self.voices.shares[0])
        for shares, members in ears.items():
            for member in members:
                scores = _listen(member, new)
                self._add("ear", scores, new, voices="new", training_voices=shares * each)

    def _augmented(self, tests: Mapping[str, Heard]) -> None:
        """Ears whose training clips were varied, plain and with a temperature of other voices."""
        config, train = self.config, self.voices.train
        fast = Corruption(audio_snr_db=config.noise, audio_speed=config.speed)
        stripes = Stripes(config.stripes)
        ears = {
            "ear, speed": self._ear("ear, speed", train, fast),
            "ear, stripes": self.trainer.ear(
                f"ear, stripes, round {self.number}", train, self.noise, stripes
            ),
        }
        for system, ear in ears.items():
            outside = _fit(ear, self._fitting(self.voices.other))
            for whose, heard in tests.items():
                scores = _listen(ear, heard)
                for how, value in {"none": 1.0, "other voices": outside}.items():
                    self._add(system, scores / value, heard, voices=whose, temperature=how)

    def _ensemble(self, members: Sequence[nn.Module], crossed: float, new: Heard) -> None:
        """The mean of what the ears of the folds believe of new voices."""
        other = self._fitting(self.voices.other)
        outside = fit_temperature(_together(members, other), other.target)
        for how, scores in {
            "none": _together(members, new),
            "cross-fitted": _together(members, new, crossed),
            "other voices": _together(members, new) / outside,
        }.items():
            self._add("ears of the folds", scores, new, voices="new", temperature=how)

    def _ear(self, name: str, bank: DigitBank, noise: Corruption | None = None) -> nn.Module:
        return self.trainer.ear(f"{name}, round {self.number}", bank, noise or self.noise)

    def _hear(self, bank: DigitBank, noise: Corruption | None = None) -> Heard:
        return self._drawn(bank, self.config.test_size, noise, TEST_SEED)

    def _fitting(
        self, bank: DigitBank, size: int | None = None, noise: Corruption | None = None
    ) -> Heard:
        return self._drawn(bank, size or self.config.test_size, noise, FITTING_SEED)

    def _drawn(self, bank: DigitBank, size: int, noise: Corruption | None, first: int) -> Heard:
        """Samples in the noise of the test, or in another; images in that of theirs."""
        config = self.config
        snr = noise.audio_snr_db if noise else config.level
        seen = Corruption(image_noise=config.image_noise, audio_snr_db=snr)
        return hear(bank, size, seen, first + self.config.rounds * self.trainer.seed + self.number)

    def _add(self, system: str, scores: Tensor, heard: Heard, **condition: str | float) -> None:
        self.found.add(system, scores, heard.target, heard.voices, condition)


def _listen(ear: nn.Module, heard: Heard) -> Tensor:
    """Scores (n, 10) of the clips."""
    return predict(ear, heard.samples.only("audio"))


def _fit(ear: nn.Module, heard: Heard) -> float:
    """The temperature that fits the ear to the samples."""
    return fit_temperature(_listen(ear, heard), heard.target)


def _together(ears: Sequence[nn.Module], heard: Heard, temperature: float = 1.0) -> Tensor:
    """The logarithm of the mean probability (n, 10)."""
    beliefs = [(_listen(ear, heard) / temperature).softmax(dim=1) for ear in ears]
    return torch.stack(beliefs).mean(dim=0).log()

"""How sure an ear is of new voices: who is left out of what, what is measured, and the whole."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.batch import Batch
from mmbook.datasets.digits.bank import DigitBank
from mmbook.datasets.digits.items import Corruption, load_bank
from mmbook.experiments.calibration import TIERS, run
from mmbook.experiments.calibration.config import FOLDS, SHARES
from mmbook.experiments.calibration.measure import Found, Scored, measures
from mmbook.experiments.calibration.training import Stripes
from mmbook.experiments.calibration.voices import everyone, hear, split
from mmbook.preprocessing.audio.augmentation import SpecAugmentConfig
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    rounds=1,
    train_size=16,
    test_size=20,
    width=8,
    training=TrainingConfig(steps=1, batch_size=8, device="cpu"),
)


@pytest.fixture(scope="module")
def bank() -> DigitBank:
    return everyone({part: load_bank(part) for part in ("train", "validation", "test")})


def test_everything_is_measured_on_known_and_new_voices(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for whose in ("known", "new"):
        for how in ("none", "known voices", "other voices", "oracle", "extrapolated"):
            for system in ("ear", "product"):
                where = {"voices": whose, "temperature": how}
                error = result.select(system, "expected_calibration_error", **where)
                assert set(error) == {0, 1} and all(0 <= value <= 1 for value in error.values())
    found = result.curve("ear", "temperature", "temperature")
    half, most = (found[f"cross-fitted in {folds}"][0] for folds in FOLDS)
    assert len(found) == 6 and min(half, most) > 0
    curve = result.curve("ear", "overconfidence", "training_voices", voices="new")
    assert set(curve) == {4, 8, 12, 16}
    for system in ("ear", "ear, noise unheard"):
        level, _ = result.summary(system, "audio_snr_db", voices="known, noisier")
        assert -15 <= level <= 30
    assert run("mini", TINY, tmp_path).rows == result.rows


@pytest.mark.parametrize("seed", [0, 1])
def test_no_voice_has_two_parts_and_rounds_test_other_ones(bank: DigitBank, seed: int) -> None:
    tested: set[str] = set()
    for number in range(TIERS["mini"].rounds):
        voices = split(bank, TIERS["mini"], seed, number)
        train, other, new = (set(b.voices) for b in (voices.train, voices.other, voices.new))
        assert not (train & other or train & new or other & new or tested & new)
        assert (len(train), len(other), len(new)) == (16, 4, 4)
        assert voices.known is voices.train
        assert sorted(name for share in voices.shares for name in share) == sorted(train)
        tested |= new


@pytest.mark.parametrize("left_out", [(0,), (0, 1), (1, 2, 3)])
def test_a_fold_parts_the_training_voices(bank: DigitBank, left_out: tuple[int, ...]) -> None:
    voices = split(bank, TIERS["mini"], 0, 0)
    familiar, strange = (set(part.voices) for part in voices.fold(left_out))
    assert strange == {name for share in left_out for name in voices.shares[share]}
    assert familiar == set(voices.train.voices) - strange


def test_each_share_is_left_out_once_by_the_folds() -> None:
    for groups in FOLDS.values():
        assert sorted(share for group in groups for share in group) == list(range(SHARES))


def test_takes_that_are_held_back_are_known_but_not_trained_on(bank: DigitBank) -> None:
    voices = split(bank, replace(TIERS["mini"], held_back=1), 0, 0)
    assert set(voices.known.voices) == set(voices.train.voices)
    assert len(voices.known.voices) == len(voices.train.voices) == 160  # one of two takes each
    assert not set(voices.known.clip_words) & set(voices.train.clip_words)


@pytest.mark.parametrize("change", [{"voices": 11}, {"rounds": 7}])
def test_too_few_voices_are_refused(bank: DigitBank, change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="of 24 voices"):
        split(bank, replace(TIERS["mini"], **change), 0, 0)


def test_samples_know_whose_voice_they_are(bank: DigitBank) -> None:
    heard = hear(bank, 30, Corruption(), 0)
    assert len(heard.voices) == len(heard.target) == 30 and len(set(heard.voices)) > 5
    assert set(heard.samples.inputs) == {"image", "audio"}


def test_measures_by_hand() -> None:
    sure, unsure = torch.tensor([0.9, 0.1]).log(), torch.tensor([0.6, 0.4]).log()
    scored = Scored(torch.stack([sure, sure, unsure, unsure]), torch.tensor([0, 1, 0, 0]), "aabb")
    found = measures(scored)
    assert found["accuracy"] == 0.75
    assert found["confidence"] == pytest.approx(0.75)
    assert found["overconfidence"] == pytest.approx(0, abs=1e-6)
    assert found["voice_gap"] == pytest.approx(0.4)  # 0.9 - 0.5 of a, and 0.6 - 1 of b
    assert found["expected_calibration_error"] == pytest.approx(0.4)


def test_rounds_are_measured_together_and_numbers_averaged() -> None:
    found = Found()
    for value, target in ((1.0, 0), (3.0, 1)):
        found.add("ear", torch.tensor([[5.0, 0.0]]), torch.tensor([target]), ["a"], {"x": "y"})
        found.note("ear", "temperature", value, {})
    rows = {row.metric: row.value for row in found.rows(0)}
    assert (rows["accuracy"], rows["temperature"]) == (0.5, 2.0)


def test_stripes_hide_parts_of_the_sound_alone() -> None:
    torch.manual_seed(0)
    batch = Batch({"audio": torch.rand(4, 20, 20)}, {"label": torch.arange(4)})
    changed = Stripes(SpecAugmentConfig())(batch)
    assert not changed.inputs["audio"].equal(batch.inputs["audio"])
    assert changed.target is batch.target

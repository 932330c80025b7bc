"""The digits-fusion experiment, end to end and tiny: complete, finite, and trained only once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mmbook.datasets.digits.items import Corruption, load_bank
from mmbook.evaluation import Result, predict
from mmbook.experiments.digits_fusion import TIERS, measure, run
from mmbook.experiments.digits_fusion.config import BASELINES, SYSTEMS
from mmbook.experiments.digits_fusion.training import Trainer
from mmbook.experiments.harness import trained
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    train_size=48,
    test_size=60,
    width=8,
    folds=2,
    image_noise=(0.0, 0.5),
    audio_snr_db=(None, -5.0),
    training=TrainingConfig(steps=2, batch_size=16, device="cpu"),
)
IMAGES = [{"image_noise": 0.0}, {"image_noise": 0.5}]
AUDIOS = [{"audio_snr_db": None}, {"audio_snr_db": -5.0}]
PAIRS = [p | s for p in IMAGES for s in AUDIOS]
OPERATING = {"image_noise": 1.6, "audio_snr_db": -10.0, "text_mask": 0.5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def first(folder: Path) -> Result:
    return run("mini", TINY, folder)


def test_everything_is_measured_everywhere(first: Result) -> None:
    expected: list[tuple[str, str, Mapping[str, Any]]] = [("majority", "accuracy", {})]
    for name in ("early", "late", "early, dropout", "late, dropout"):
        expected += [(name, "accuracy", at) for at in PAIRS]
        expected += [(name, "accuracy", p | {"missing": "audio"}) for p in IMAGES]
        expected += [(name, "accuracy", s | {"missing": "image"}) for s in AUDIOS]
    for name in ("product", "calibrated product"):
        expected += [(name, "accuracy", at) for at in PAIRS]
    for name in ("three, early, dropout", "three, late, dropout", "three, product"):
        expected.append((name, "accuracy", OPERATING))
    for sense in ("image", "audio", "text"):
        expected.append((f"{sense} alone", "accuracy", OPERATING))
    expected += [("image alone", "accuracy", p) for p in IMAGES]
    expected += [("audio alone", "accuracy", s) for s in AUDIOS]
    for name in ("audio alone", "audio alone, calibrated"):
        expected += [(name, "expected_calibration_error", s) for s in AUDIOS]
    expected += [(f"{sense} alone", "temperature", {}) for sense in ("image", "audio")]
    found = list(first.measurements())
    assert len(found) == len(expected) and all(one in found for one in expected)
    assert first.baselines == BASELINES and set(BASELINES) < set(first.systems)


def test_majority_is_the_share_of_the_commonest_digit(first: Result) -> None:
    bank = load_bank("test", "mini")
    for seed, share in first.select("majority", "accuracy").items():
        targets = measure._level(bank, TINY, seed, {}).samples.target.tolist()
        assert share == pytest.approx(max(map(targets.count, targets)) / TINY.test_size)


def test_the_result_says_what_was_run(first: Result) -> None:
    assert (first.experiment, first.tier, tuple(first.seeds)) == ("digits-fusion", "mini", (0, 1))
    assert first.config["train_size"] == 48 and first.config["training"]["steps"] == 2
    assert set(first.parameters) == set(SYSTEMS)
    assert first.parameters["early"] > first.parameters["image alone"] > 0
    assert first.split and first.data["train"] != first.data["test"]


def test_finished_weights_are_read_again(
    first: Result, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(trained, "fit", fit)
    again = run("mini", TINY, folder)
    assert again.rows == first.rows


def test_each_level_is_measured_as_the_model_would_be_alone(folder: Path, first: Result) -> None:
    """Encoding each level once and joining pairs gives what the whole model gives."""
    bank, config = load_bank("test", "mini"), replace(TINY, test_size=20)
    train = load_bank("train", "mini")
    trainer = Trainer(TINY, 0, folder / "seed-0")
    samples = trainer.samples(train, TINY.train_size)
    images, audios = measure._levels(bank, config, 0)
    noisy = measure._level(bank, config, 0, IMAGES[1] | AUDIOS[1]).samples
    for name in ("early", "late, dropout"):
        model = trainer.train(name, SYSTEMS[name], samples)
        with torch.inference_mode():
            without_audio, without_image, joined = measure._grid(
                name, model, images[1:], audios[1:]
            )
        assert (joined.system, joined.condition) == (name, IMAGES[1] | AUDIOS[1])
        assert without_audio.condition == IMAGES[1] | {"missing": "audio"}
        assert without_image.condition == AUDIOS[1] | {"missing": "image"}
        torch.testing.assert_close(joined.scores, predict(model, noisy.only("image", "audio")))
        torch.testing.assert_close(without_audio.scores, predict(model, noisy.only("image")))
        torch.testing.assert_close(without_image.scores, predict(model, noisy.only("audio")))


def test_a_level_is_the_same_whatever_the_other_sense_suffers() -> None:
    bank = load_bank("test", "mini")
    images, audios = measure._levels(bank, TINY, 0)
    for level, sense in ((images[1], "image"), (audios[1], "audio")):
        alone = measure._level(bank, TINY, 0, level.condition).samples
        assert level.samples.inputs[sense].equal(alone.inputs[sense])
        assert list(level.samples.inputs) == [sense]
        assert level.samples.target.equal(alone.target)


def test_the_product_is_that_of_the_posteriors() -> None:
    a, b = torch.randn(2, 5, 4)
    product = a.softmax(1) * b.softmax(1)
    expected = product / product.sum(1, keepdim=True)
    torch.testing.assert_close(measure._product([a, b]).softmax(1), expected)


def test_systems_alone_see_one_sense() -> None:
    for name, system in SYSTEMS.items():
        if name.endswith("alone"):
            assert len(system.modalities) == 1 and name.startswith(system.modalities[0])
        else:
            assert len(system.modalities) > 1


@pytest.mark.parametrize(("share", "calm"), [(0.0, 0), (0.5, 20), (1.0, 41)])
def test_a_share_of_the_training_samples_is_calm(share: float, calm: int) -> None:
    config = replace(TINY, calm_share=share)
    samples = Trainer(config, 0, Path()).samples(load_bank("train", "mini"), 41)
    images = samples.inputs["image"]
    beyond = (images - images.clamp(0, 1)).abs().mean((1, 2, 3))
    assert len(samples) == 41
    assert (beyond[41 - calm :] < 0.1).all()
    assert calm == 41 or beyond[: 41 - calm].mean() > 0.2


def test_what_disturbs_says_it_all() -> None:
    noise = TIERS["full"].operating_point
    assert measure.disturbances(noise) == OPERATING | {"audio_snr_db": -8.0}
    assert Corruption(**measure.disturbances(noise)) == noise  # type: ignore[arg-type]

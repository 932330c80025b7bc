"""The digits-fusion experiment, end to end and tiny: complete, finite, and trained only once."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.datasets.digits.items import Corruption, load_bank
from mmbook.evaluation import Result, predict
from mmbook.experiments import trained
from mmbook.experiments.digits_fusion import TIERS, measure, run
from mmbook.experiments.digits_fusion.config import SYSTEMS
from mmbook.experiments.digits_fusion.training import Trainer
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
IMAGES, AUDIOS = ("image 0", "image 0.5"), ("audio clean", "audio -5 dB")
EARS = ("audio", "calibrated audio")
PAIRS = [f"{p}, {s}" for p in IMAGES for s in AUDIOS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def first(folder: Path) -> Result:
    return run("mini", TINY, folder)


def test_every_system_is_measured_everywhere(first: Result) -> None:
    pair = ("early", "late", "early, dropout", "late, dropout")
    expected = {
        *(f"{name} @ {at}" for name in pair for at in PAIRS),
        *(f"{name}, without audio @ {p}" for name in pair for p in IMAGES),
        *(f"{name}, without image @ {s}" for name in pair for s in AUDIOS),
        *(f"three, {name}, dropout @ operating point" for name in ("early", "late")),
        *(f"calibrated product @ {at}" for at in PAIRS),
        *(f"calibration error of {ear} @ {s}" for ear in EARS for s in AUDIOS),
        "temperature of image",
        "temperature of audio",
    }
    assert expected <= set(first.metrics)
    for values in first.metrics.values():
        assert len(values) == 2
        assert all(math.isfinite(v) for v in values)


def test_every_baseline_is_measured_everywhere(first: Result) -> None:
    senses = ("image", "audio", "text")
    assert {
        "majority",
        *(f"image alone @ {p}" for p in IMAGES),
        *(f"audio alone @ {s}" for s in AUDIOS),
        *(f"{sense} alone @ operating point" for sense in senses),
        *(f"product @ {at}" for at in PAIRS),
        "three, product @ operating point",
    } <= set(first.baselines)


def test_majority_is_the_share_of_the_commonest_digit(first: Result) -> None:
    bank = load_bank("test", "mini")
    for seed, share in zip(TINY.seeds, first.baselines["majority"]["accuracy"], strict=True):
        targets = measure._test(bank, TINY, seed, Corruption()).target.tolist()
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
    assert again.metrics == first.metrics and again.baselines == first.baselines


def test_each_level_is_measured_as_the_model_would_be_alone(folder: Path, first: Result) -> None:
    """Encoding each level once and joining pairs gives what the whole model gives."""
    bank, config = load_bank("test", "mini"), replace(TINY, test_size=20)
    train = load_bank("train", "mini")
    trainer = Trainer(TINY, 0, folder / "seed-0")
    samples = trainer.samples(train, TINY.train_size)
    noisy = measure._test(bank, config, 0, Corruption(image_noise=0.5, audio_snr_db=-5.0))
    image = measure._test(bank, config, 0, Corruption(image_noise=0.5))
    audio = measure._test(bank, config, 0, Corruption(audio_snr_db=-5.0))
    for name in ("early", "late, dropout"):
        model = trainer.train(name, SYSTEMS[name], samples)
        with torch.inference_mode():
            joined = measure._grid(name, model, {"p": image}, {"s": audio})
        direct = predict(model, noisy.only("image", "audio"))
        torch.testing.assert_close(joined[f"{name} @ p, s"], direct)


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

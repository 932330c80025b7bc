"""The inspection of speech end to end and tiny, and the parts that decide what is claimed."""

from pathlib import Path

import pytest
import torch

from mmbook.batch import Batch
from mmbook.evaluation.result import Result
from mmbook.experiments.speech_quality import TIERS, run
from mmbook.experiments.speech_quality.baselines import BOOSTING, CONSTANT, LINEAR
from mmbook.experiments.speech_quality.config import FULL, SHIPPED, SYSTEMS
from mmbook.experiments.speech_quality.run import ORIGINAL
from mmbook.experiments.speech_quality.training import LOUDEST, as_floats, load
from mmbook.models.inspection import Report
from mmbook.models.pretrained import load_pretrained
from mmbook.preprocessing.audio.faults import FAULTS, RATE
from tests.experiments.small_speech import TINY

pytest.importorskip("pystoi", reason="STOI is measured with pystoi")
pytest.importorskip("pesq", reason="PESQ is measured with pesq")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("speech-quality")


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return run("mini", TINY, folder)


def test_every_system_is_measured(result: Result) -> None:
    assert result.systems == [CONSTANT, LINEAR, BOOSTING, ORIGINAL, *TINY.systems]
    for system in set(result.systems) - {ORIGINAL}:
        for fault in FAULTS:
            assert 0 <= result.summary(system, "auroc", fault=fault)[0] <= 1
        assert result.summary(system, "snr_error")[0] > 0
    assert result.summary(CONSTANT, "macro_auroc")[0] == 0.5
    assert 0 <= result.summary(FULL, "event_f1", fault="clicks")[0] <= 1


def test_the_inspector_is_left_with_its_thresholds(result: Result, folder: Path) -> None:
    model = load_pretrained(folder / "seed-0" / SHIPPED[FULL])
    assert model.config.thresholds != SYSTEMS[FULL].thresholds
    sound = torch.randn(RATE, generator=torch.Generator().manual_seed(0)) / 10
    report = model.predict(sound, RATE)
    assert isinstance(report, Report)
    assert result.parameters[FULL] == sum(p.numel() for p in model.parameters())


def test_measures_of_quality_are_known_of_some(result: Result) -> None:
    found = load("train", 10, "mini", known=5)
    targets = found.batch.targets
    assert [row for row in range(10) if targets["stoi"][row].isfinite()] == [0, 5]
    assert targets["faults"].shape == (10, 1 + found.batch.inputs["audio"].shape[1] // 128, 9)
    assert len(found.speakers) == 10


def test_recordings_are_kept_in_sixteen_bits() -> None:
    kept = Batch({"audio": torch.tensor([[LOUDEST, 0, -LOUDEST]], dtype=torch.int16)})
    assert as_floats(kept).inputs["audio"].tolist() == [[1.0, 0.0, -1.0]]


def test_each_tier_compares_known_systems() -> None:
    for config in TIERS.values():
        assert set(config.systems) <= set(SYSTEMS)

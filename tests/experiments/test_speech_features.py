"""The experiment on sound features: what is recorded."""

from dataclasses import replace
from pathlib import Path

import pytest

from mmbook.datasets.digits.takes import SEEN, TESTS
from mmbook.evaluation.probes import MACHINE, NEIGHBOUR
from mmbook.experiments.speech_features import TIERS, run
from mmbook.preprocessing.audio.features import FEATURES

CONFIG = replace(TIERS["mini"], seeds=(0, 1), takes=2)


def test_the_record_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: FEATURES[name] for name in ("waveform", "log-mel minus mean")}
    for room in ("experiments.speech_features", "preprocessing.audio.features"):
        monkeypatch.setattr(f"mmbook.{room}.FEATURES", kept)
    result = run("mini", CONFIG, tmp_path)
    for system in (MACHINE, NEIGHBOUR):
        for test in TESTS:
            assert list(result.curve(system, "accuracy", over="features", test=test)) == list(kept)
    assert list(result.select("chance", "accuracy").values()) == [0.1] * 2
    assert result.baselines == ["chance", NEIGHBOUR]
    assert result.parameters == {"waveform": 4800, "log-mel minus mean": 960}
    worst, best = (result.select(MACHINE, "accuracy", features=n, test=SEEN) for n in kept)
    assert min(best.values()) > max(worst.values())
    assert "folds" in result.split and "4 of 24 speakers" in result.split

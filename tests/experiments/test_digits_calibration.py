"""The digits-calibration experiment, end to end and tiny, and what its folds leave out."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from mmbook.datasets.digits import load_bank
from mmbook.experiments.digits_calibration import TIERS, _without, run
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0,),
    train_size=32,
    test_size=40,
    folds=2,
    training=TrainingConfig(steps=2, batch_size=16, device="cpu"),
)


def test_everything_is_measured_and_trained_once(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    assert set(result.baselines) == {"picture alone", "speech alone", "product"}
    assert "calibrated product" in result.metrics
    assert all(math.isfinite(v) for values in result.metrics.values() for v in values)
    weights = sorted(p.name.rsplit("-", 1)[0] for p in (tmp_path / "seed-0").iterdir())
    assert weights == ["picture", "speech", "speech-without-0", "speech-without-1"]
    assert run("mini", TINY, tmp_path).metrics == result.metrics


@pytest.mark.parametrize("left_out", [{"f1"}, {"f1", "Alex"}])
def test_a_fold_leaves_out_whole_voices(left_out: set[str]) -> None:
    bank = load_bank("train")
    rest = _without(bank, left_out)
    assert set(rest.voices) == set(bank.voices) - left_out
    lengths = {len(x) for x in (rest.clips, rest.clip_labels, rest.clip_words, rest.voices)}
    assert lengths == {len(bank.voices) - 20 * len(left_out)}
    some = bank.voices.index(rest.voices[0])
    assert rest.clips[0].equal(bank.clips[some]) and rest.clip_words[0] == bank.clip_words[some]

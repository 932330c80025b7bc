"""The resizing experiment, end to end and tiny."""

import math
from dataclasses import replace
from pathlib import Path

from mmbook.experiments.resizing import TIERS, run
from mmbook.preprocessing.images.resampling import KERNELS
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    train_size=32,
    test_size=40,
    training=TrainingConfig(steps=2, batch_size=16, device="cpu"),
)


def test_every_pair_is_measured_and_each_model_trained_once(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    assert len(result.metrics) == len(KERNELS) ** 2
    assert all(0 <= v <= 1 for values in result.metrics.values() for v in values)
    assert all(math.isfinite(v) for v in result.baselines["majority"]["accuracy"])
    files = sorted(path.name.rsplit("-", 1)[0] for path in (tmp_path / "seed-1").iterdir())
    assert files == sorted(KERNELS)
    assert run("mini", TINY, tmp_path).metrics == result.metrics

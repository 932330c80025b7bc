"""The resizing experiment, end to end and tiny."""

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
    for trained_with in KERNELS:
        served = result.curve("recogniser", "accuracy", "served_with", trained_with=trained_with)
        assert list(served) == list(KERNELS)
    assert all(0 <= row.value <= 1 for row in result.rows)
    assert len(result.select("majority", "accuracy")) == 2 and result.baselines == ["majority"]
    files = sorted(path.name.rsplit("-", 1)[0] for path in (tmp_path / "seed-1").iterdir())
    assert files == sorted(KERNELS)
    assert run("mini", TINY, tmp_path).rows == result.rows

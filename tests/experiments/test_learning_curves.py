"""The learning curves: tiny and end to end, nested draws, and labels that are wrong on purpose."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.batch import Batch
from mmbook.experiments import learning_curves
from mmbook.experiments.learning_curves import SYSTEMS, TIERS, mislabel, run
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    sizes=(20, 40),
    wrong=(0.5,),
    training=TrainingConfig(steps=2, batch_size=10, device="cpu"),
)


def test_networks_are_measured_at_every_point(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    points = [(20, 0.0), (40, 0.0), (40, 0.5)]
    others = [name for name in SYSTEMS if name != "dense"]
    for images, wrong in points:
        point = {"training_images": images, "wrong_labels": wrong}
        dense = result.select("dense", "accuracy", **point)
        for name in others:
            values = result.select(name, "accuracy", **point)
            gains = result.select(name, "accuracy_minus_dense", **point)
            for seed in TINY.seeds:
                assert gains[seed] == pytest.approx(values[seed] - dense[seed])
    assert len(list(result.measurements())) == 1 + len(points) * (1 + 2 * len(others))
    assert result.baselines == ["majority", "dense"]
    assert len(list(tmp_path.glob("seed-?/*.safetensors"))) == 2 * len(points) * len(SYSTEMS)
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_more_images_than_there_are_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"sizes may be up to 1000"):
        run("mini", replace(TINY, sizes=(1001,)), tmp_path)


def test_smaller_sets_are_parts_of_larger_ones() -> None:
    train = Batch({"image": torch.arange(100.0)[:, None]}, {"label": torch.arange(100) % 10})
    points = learning_curves._points(train, TINY, 10, seed=0)
    assert [condition["wrong_labels"] for condition, _ in points] == [0, 0, 0.5]
    small, large, noisy = (samples for _, samples in points)
    assert large.inputs["image"][:20].equal(small.inputs["image"])
    assert noisy.inputs["image"].equal(large.inputs["image"])
    assert (noisy.target != large.target).sum() == 20
    other = learning_curves._points(train, TINY, 10, seed=1)[0][1]
    assert not other.inputs["image"].equal(small.inputs["image"])


@given(
    count=st.integers(1, 50),
    share=st.floats(0, 1),
    classes=st.integers(2, 11),
    seed=st.integers(0, 99),
)
def test_exactly_a_share_of_labels_is_wrong(
    count: int, share: float, classes: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.randint(classes, (count,), generator=generator)
    before = targets.clone()
    noisy = mislabel(targets, share, classes, generator)
    assert (noisy != targets).sum() == round(share * count)
    assert targets.equal(before) and noisy.min() >= 0 and noisy.max() < classes


def test_wrong_labels_are_of_every_other_class_alike() -> None:
    generator = torch.Generator().manual_seed(0)
    noisy = mislabel(torch.zeros(9000, dtype=torch.long), 1.0, 4, generator)
    counts = noisy.bincount(minlength=4).tolist()
    assert counts[0] == 0 and all(2800 < count < 3200 for count in counts[1:])


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="share of wrong labels"):
        mislabel(torch.zeros(3, dtype=torch.long), share, 4, torch.Generator())

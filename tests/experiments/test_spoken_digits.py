"""The spoken digits experiment: end to end and tiny, and that it learns."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.datasets.small.spoken_digits import load_synthetic
from mmbook.experiments.spoken_digits import TIERS, draw, run
from mmbook.models import load_pretrained, read_facts

MINI = TIERS["mini"]
SHORT = replace(MINI.training, steps=2, batch_size=16)
TINY = replace(MINI, samples=40, width=8, seeds=(0, 1), training=SHORT)


def test_everything_is_measured_and_the_networks_are_kept(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    heard = {"voices": "synthetic"}
    more = [{}, {"language": "English"}, {"language": "Chinese"}]
    more += [{"snr_db": snr} for snr in (20.0, 10.0, 0.0)]
    assert [condition for _, _, condition in result.measurements()] == [
        *({**heard, **condition} for condition in more),
        heard,
        heard,
    ]
    assert result.baselines == ["linear classifier", "majority"]
    assert set(result.select("majority", "accuracy", **heard).values()) == {0.1}
    all_, english, chinese = (
        result.select("network", "accuracy", **heard, **condition) for condition in more[:3]
    )
    for seed in TINY.seeds:
        assert all_[seed] == pytest.approx((english[seed] + chinese[seed]) / 2)
    for seed in TINY.seeds:
        facts = read_facts(tmp_path / f"seed-{seed}" / "spoken-digits")
        assert facts["seed"] == seed
        assert facts["accuracy"] == all_[seed]
        model = load_pretrained(tmp_path / f"seed-{seed}" / "spoken-digits")
        assert (
            model.predict((load_synthetic("test").waveforms[0].numpy(), 8000)).label in "0123456789"
        )


def test_the_same_seed_draws_the_same_samples() -> None:
    clips = load_synthetic("validation")
    one, again, other = (draw(clips, TINY, seed) for seed in (0, 0, 1))
    assert one.inputs["audio"].shape == (40, 32, 40)
    assert one.inputs["audio"].equal(again.inputs["audio"])
    assert not one.inputs["audio"].equal(other.inputs["audio"])


def test_it_learns(tmp_path: Path) -> None:
    """A tenth of the samples and of the steps are enough to be far from chance."""
    few = replace(MINI, samples=600, seeds=(0,), training=replace(MINI.training, steps=50))
    torch.manual_seed(0)
    result = run("mini", few, tmp_path)
    assert result.select("network", "accuracy", voices="synthetic")[0] > 0.5

"""AV-MNIST end to end and tiny, and the parts that decide what is claimed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.datasets.digits.av_mnist import VARIANTS, draw, load_parts
from mmbook.experiments.av_mnist import TIERS, run
from mmbook.experiments.av_mnist.config import BOTH, SYSTEMS
from mmbook.experiments.av_mnist.training import Stripes, Trainer, network
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    train_size=16,
    validation_size=8,
    test_size=12,
    width=8,
    rates=(1e-3, 1e-2),
    training=TrainingConfig(steps=1, batch_size=8, device="cpu"),
)

PARTS = load_parts()


def test_every_system_is_measured_in_every_variant(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    products = {name for name in result.systems if "product" in name}
    assert {"product", "calibrated product"} <= products
    for system in (*SYSTEMS, *products, "majority"):
        assert list(result.curve(system, "accuracy", "variant")) == list(VARIANTS)
    for system in (*SYSTEMS, *products):
        result.curve(system, "expected_calibration_error", "variant")
    for system in SYSTEMS:
        result.curve(system, "seconds", "variant")
        rates = result.select(system, "learning_rate", variant="takes")
        assert len(set(rates.values())) == 1 and set(rates.values()) <= set(TINY.rates)
    joint = [name for name, system in SYSTEMS.items() if system.modalities == BOTH]
    for system in joint:
        assert set(result.curve(system, "accuracy", "missing", variant="takes")) == set(BOTH)
    assert set(result.parameters) == set(SYSTEMS)
    assert all(0 <= row.value <= 1 for row in result.rows if row.metric == "accuracy")
    counts = [len(list((tmp_path / f"seed-{s}").glob("*.safetensors"))) for s in TINY.seeds]
    heard = sum("audio" in system.modalities for system in SYSTEMS.values())
    # All rates are tried with the first seed only, and what is seen is the same in both variants.
    assert counts[0] == len(TINY.rates) * (2 * heard + 1)
    assert 2 * heard + 1 <= counts[1] <= 2 * heard + 2


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_reads_a_pair_or_what_is_left_of_it(name: str) -> None:
    torch.manual_seed(0)
    samples = draw(PARTS["validation"], 3)
    model = network(SYSTEMS[name], 8).eval()
    for senses in (SYSTEMS[name].modalities, *((m,) for m in SYSTEMS[name].modalities)):
        assert model(samples.only(*senses).inputs).isfinite().all()


def test_a_pretrained_system_begins_with_what_each_sense_learned(tmp_path: Path) -> None:
    splits = {split: draw(parts, 16) for split, parts in PARTS.items()}
    still = replace(TINY, rates=(1e-12,))  # so small that nothing is learned after it
    trainer = Trainer(still, "takes", 0, splits, {}, tmp_path)
    for sense in BOTH:
        trainer.train(f"{sense} alone")
    joint = trainer.train("concatenation, pretrained").model
    for sense in BOTH:
        alone = trainer.done[f"{sense} alone"].model.encoders[sense].state_dict()
        for name, weight in joint.encoders[sense].state_dict().items():
            torch.testing.assert_close(weight, alone[name])


def test_stripes_hide_some_of_what_is_heard_and_nothing_that_is_seen() -> None:
    samples = draw(PARTS["validation"], 8)
    torch.manual_seed(1)
    hidden = Stripes()(samples)
    torch.manual_seed(1)
    again = Stripes()(samples)
    assert hidden.inputs["image"].equal(samples.inputs["image"])
    assert hidden.inputs["audio"].equal(again.inputs["audio"])
    assert 0 < (hidden.inputs["audio"] != samples.inputs["audio"]).double().mean() < 0.5

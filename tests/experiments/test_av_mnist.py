"""AV-MNIST end to end and tiny, and the parts that decide what is claimed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.datasets.digits.av_mnist import VARIANTS, draw, load_parts
from mmbook.evaluation import predict
from mmbook.experiments.av_mnist import TIERS, run
from mmbook.experiments.av_mnist.config import BOTH, SYSTEMS
from mmbook.experiments.av_mnist.run import FRESH_SEEDS, draw_splits
from mmbook.experiments.av_mnist.training import Trainer, network
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    variants=VARIANTS,
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
    assert len(products) == 4
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
    # All rates are tried with the first seed only.
    assert counts == [len(TINY.rates) * 2 * len(SYSTEMS), 2 * len(SYSTEMS)]


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
    alone = {sense: trainer.train(f"{sense} alone").model for sense in BOTH}
    test = splits["test"]
    for name in ("concatenation, pretrained", "late, pretrained"):
        joint = trainer.train(name).model
        for sense in BOTH:
            weights = alone[sense].encoders[sense].state_dict()
            for key, weight in joint.encoders[sense].state_dict().items():
                torch.testing.assert_close(weight, weights[key])
    parts = [predict(alone[sense], test.only(sense)).log_softmax(dim=1) for sense in BOTH]
    late = predict(trainer.done["late, pretrained"].model, test).log_softmax(dim=1)
    torch.testing.assert_close(late, sum(parts).log_softmax(dim=1))  # their product


def test_fresh_pairs_are_never_those_of_before() -> None:
    splits = draw_splits(PARTS, TINY, seed=0)
    read = TINY.training.steps * TINY.training.batch_size
    assert [len(splits[name]) for name in FRESH_SEEDS] == [read, read]
    prints = {splits[name][:8].fingerprint() for name in ("train", *FRESH_SEEDS)}
    assert len(prints) == 3

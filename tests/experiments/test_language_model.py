"""The language-model experiment, end to end and tiny."""

from dataclasses import replace
from pathlib import Path

from mmbook.experiments.language_model import TIERS, run
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    orders=(2, 3),
    partner=3,
    sizes=(20, 96),
    width=16,
    training=TrainingConfig(steps=12, batch_size=16, learning_rate=1e-2, device="cpu"),
)


def test_every_model_is_measured_and_each_network_trained_once(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    counts = ("Kneser-Ney 2", "Kneser-Ney 3", "Kneser-Ney 3, discount 0.75")
    plain = ("uniform", "trigram plus 1", "trigram plus 0.01")
    assert result.baselines == [*plain]
    assert sorted(result.systems) == sorted([*plain, "GRU", *counts, "mixture"])
    for size in TINY.sizes:
        condition = {"text": "captions", "sentences": size}
        uniform, _ = result.summary("uniform", "perplexity", **condition)
        for system in ("GRU", *counts, "mixture"):
            assert 1 < result.summary(system, "perplexity", **condition)[0] < uniform
        weights = result.select("mixture", "weight_of_network", **condition).values()
        assert all(0 <= weight <= 1 for weight in weights)
    few, many = (
        result.select("Kneser-Ney 3", "perplexity", text="captions", sentences=size)
        for size in TINY.sizes
    )
    assert all(many[seed] < few[seed] for seed in TINY.seeds)  # more text helps to count
    assert len(list((tmp_path / "seed-1").iterdir())) == len(TINY.sizes)
    assert run("mini", TINY, tmp_path).rows == result.rows

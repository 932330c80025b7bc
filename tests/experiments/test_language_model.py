"""The language-model experiment, end to end and tiny."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from mmbook.experiments.language_model import TIERS, run
from mmbook.experiments.language_model.texts import HELD_OUT_SCENES, load_texts
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


@pytest.mark.parametrize("seed", [0, 1])
def test_no_scene_is_in_two_splits_and_words_come_from_training(seed: int) -> None:
    text = load_texts("mini", 2, seed)["captions"]
    sizes = [len(rows) for rows in (text.train, text.validation, text.test)]
    held_out = 3 * HELD_OUT_SCENES
    assert sizes == [144 - 2 * held_out, held_out, held_out]
    rows = [{tuple(row) for row in part} for part in (text.train, text.validation, text.test)]
    assert not rows[0] & rows[2] and not rows[1] & rows[2]
    counts = Counter(word for row in text.train for word in row)
    assert min(counts[i] for i in range(4, len(text.vocabulary))) >= 2
    assert text.choices == len(text.vocabulary) - 2


def test_a_seed_chooses_the_scenes() -> None:
    one, two = (load_texts("mini", 2, seed)["captions"] for seed in (0, 1))
    assert one.vocabulary.words != two.vocabulary.words

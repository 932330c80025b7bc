"""The games of two senses, end to end and tiny, and the parts that decide what is claimed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.datasets.digits.bank import load_bank
from mmbook.experiments.fusion_games import TIERS, run
from mmbook.experiments.fusion_games.config import FUSIONS, INSTRUCTED, SYSTEMS, PlainAttention
from mmbook.experiments.fusion_games.run import player
from mmbook.experiments.fusion_games.senses import SENSES, play, recognisers
from mmbook.tokens import Tokens
from mmbook.training import TrainingConfig

TRAINING = TrainingConfig(steps=1, batch_size=8, device="cpu")
TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    train_size=16,
    validation_size=8,
    test_size=12,
    width=8,
    games=("parity", INSTRUCTED),
    rates=(1e-3, 1e-2),
    recognising=TRAINING,
    joining=TRAINING,
)


def test_every_fusion_plays_every_game_with_every_rate(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for system in (*SYSTEMS, *result.baselines):
        games = result.curve(system, "accuracy", "game")
        assert list(games) == list(TINY.games)
    assert all(0 <= row.value <= 1 for row in result.rows)
    assert {row.condition["game"] for row in result.rows if "additive" in row.metric} == {"parity"}
    assert set(result.parameters) == set(SYSTEMS)
    files = [path for path in (tmp_path / "seed-1").iterdir() if path.suffix == ".safetensors"]
    assert len(files) == 2 + len(SYSTEMS) * len(TINY.games) * len(TINY.rates)


def test_what_is_recognised_follows_the_rule_of_the_game(tmp_path: Path) -> None:
    bank = load_bank("test")
    models, _ = recognisers(TINY, load_bank("train"), 0, tmp_path)
    game = play(models, bank, INSTRUCTED, 40, TINY.noise, seed=3)
    again = play(models, bank, INSTRUCTED, 40, TINY.noise, seed=3)
    assert game.samples.inputs["image"].equal(again.samples.inputs["image"])
    assert {*game.samples.inputs} == {*SENSES, "text"}
    assert all(game.recognised[s].shape == (40,) for s in SENSES)
    assert 0 < game.listen.sum() < 40


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_player_reads_what_was_taken_in(name: str) -> None:
    torch.manual_seed(0)
    inputs = {"image": torch.randn(3, 4, 8), "audio": torch.randn(3, 2, 8)}
    assert player(name, "parity", 8)(inputs).shape == (3, 2)
    instructed = inputs | {"text": torch.ones(3, 5, dtype=torch.long)}
    assert player(name, INSTRUCTED, 8)(instructed).shape == (3, 10)


def test_attention_over_one_token_of_two_senses_is_additive() -> None:
    """f(a, b) + f(a', b') = f(a, b') + f(a', b): with one key, and not with two or a network."""
    torch.manual_seed(0)
    images, sounds = torch.randn(2, 1, 2, 8), torch.randn(2, 1, 2, 8)

    def interaction(fusion: torch.nn.Module) -> float:
        def f(a: int, b: int) -> torch.Tensor:
            return fusion({"image": Tokens.of(images[a]), "audio": Tokens.of(sounds[b])}).mean()

        return (f(0, 0) + f(1, 1) - f(0, 1) - f(1, 0)).abs().max().item()

    with torch.no_grad():
        assert interaction(FUSIONS["attention only, pooled"](SENSES, 8)) < 1e-5
        assert interaction(PlainAttention(SENSES, 8)) > 1e-4
        assert interaction(FUSIONS["cross-attention, pooled"](SENSES, 8)) > 1e-4

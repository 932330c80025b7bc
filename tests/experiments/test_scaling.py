"""The scaling experiment, end to end and tiny."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmbook.decoders import TransformerDecoder
from mmbook.evaluation.cost import counted_flops
from mmbook.experiments.scaling import (
    ALPHABET,
    OTHER,
    TIERS,
    TUNING_SEED,
    VOCABULARY,
    _Trainer,
    encode,
    load_characters,
    mean_loss,
    run,
    windows,
)
from mmbook.models import NextToken, next_token_loss

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    widths=(8, 16),
    layers=1,
    tokens=(1_024, 4_096, 8_192),
    rates=(1e-3, 1e-2),
    held_out=2_048,
)


def test_every_run_is_measured_and_rates_are_chosen_on_other_seeds(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    losses = [row for row in result.rows if row.metric == "loss"]
    assert len(losses) == len(TINY.seeds) * len(TINY.widths) * len(TINY.tokens)
    assert all(0 < row.value < 4 for row in losses)
    for seed in TINY.seeds:
        of = {(r.system, r.condition["tokens"]): r.value for r in losses if r.seed == seed}
        assert of["width 16", 8_192] < of["width 16", 1_024]
    rates = [row for row in result.rows if row.metric == "learning_rate"]
    assert all(row.value in TINY.rates for row in rates)
    assert TUNING_SEED not in TINY.seeds and (tmp_path / "rates").is_dir()
    exponents = [row.value for row in result.rows if row.metric == "exponent"]
    assert len(exponents) == len(TINY.seeds) and min(exponents) > 0
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_flops_of_a_run_are_those_counted_in_a_step_times_steps(tmp_path: Path) -> None:
    text = load_characters(TINY)[0]
    trainer = _Trainer(TINY, tmp_path, text, 0)
    model = NextToken(TransformerDecoder(VOCABULARY, 8, TINY.heads, TINY.layers)).train()
    batch = windows(text, TINY.window)[:16]
    counted = counted_flops(lambda: next_token_loss(model, batch).mean().backward())
    assert trainer.flops(8, 4_096) == 4 * counted


def test_a_seed_reads_a_part_of_its_own_and_no_character_of_the_test() -> None:
    train, validation, test = load_characters(TINY)
    assert len(train) >= 1.5 * max(TINY.tokens) and len(test) == len(validation) == 2_048
    starts = {_Trainer(TINY, Path(), train, seed)._start(1_024) for seed in range(5)}
    assert len(starts) == 5 and max(starts) + max(TINY.tokens) + 1 <= len(train)
    assert not torch.equal(test, validation) and not torch.equal(test, train[:2_048])


def test_windows_ask_for_the_next_character() -> None:
    ids = encode("A cat.\nÉ")
    assert ids.tolist() == [ALPHABET.index(c) + 1 for c in "a cat.\n"] + [OTHER]
    batch = windows(ids, 3)
    assert batch.inputs["text"].tolist() == [ids[:3].tolist(), ids[3:6].tolist()]
    assert batch.targets["next"].tolist() == [ids[1:4].tolist(), ids[4:7].tolist()]
    with pytest.raises(ValueError, match="too few for a window of 8"):
        windows(ids, 8)
    with pytest.raises(ValueError, match="text must be one of"):
        load_characters(replace(TINY, text="novels"))


def test_the_mean_loss_is_over_all_characters() -> None:
    torch.manual_seed(0)
    model = NextToken(TransformerDecoder(VOCABULARY, 8, 4, 1))
    samples = windows(load_characters(TINY)[2], 16)
    expected = next_token_loss(model.eval(), samples).mean().item()
    assert mean_loss(model.train(), samples) == pytest.approx(expected, rel=1e-5)
    assert model.training

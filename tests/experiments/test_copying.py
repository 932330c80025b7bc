"""Copying: tiny and end to end, sequences that cannot be guessed, answers at the blanks alone."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.experiments.copying import (
    BLANK,
    FIRST,
    NETWORKS,
    TASKS,
    TIERS,
    Copier,
    remembering,
    run,
    sequences,
)
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    lengths=(2, 3),
    test_size=20,
    training=TrainingConfig(steps=2, batch_size=5, device="cpu"),
)


def test_every_network_is_measured_on_every_task_at_every_length(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for name in NETWORKS:
        for task in TASKS:
            assert list(result.curve(name, "accuracy", over="length", task=task)) == [2, 3]
    assert len(list(result.measurements())) == 1 + 2 * 2 * len(NETWORKS)
    assert result.baselines == ["chance"]
    assert list(result.select("chance", "accuracy").values()) == [1 / 8, 1 / 8]
    assert len(list(tmp_path.glob("seed-?/*.safetensors"))) == 2 * 2 * 2 * len(NETWORKS)
    assert run("mini", TINY, tmp_path).rows == result.rows


def test_what_is_easy_is_learned(tmp_path: Path) -> None:
    easy = replace(TINY, seeds=(0,), lengths=(2,), test_size=200, training=TIERS["mini"].training)
    found = run("mini", replace(easy, training=replace(easy.training, steps=150)), tmp_path)
    for name in NETWORKS:
        assert found.summary(name, "accuracy", task="first symbol", length=2)[0] > 0.9, name


@given(
    length=st.integers(1, 9),
    symbols=st.integers(2, 5),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_the_first_symbols_are_asked_for_after_all_are_read(
    length: int, symbols: int, seed: int, data: st.DataObject
) -> None:
    answers = data.draw(st.integers(1, length))
    found = sequences(7, length, answers, symbols, torch.Generator().manual_seed(seed))
    ids = found.inputs["text"]
    assert ids.shape == (7, length + answers)
    assert (ids[:, length:] == BLANK).all()
    assert ((ids[:, :length] >= FIRST) & (ids[:, :length] < FIRST + symbols)).all()
    assert (ids[:, :answers] - FIRST).equal(found.target)


def test_symbols_are_alike_often_and_know_nothing_of_each_other() -> None:
    read = sequences(20_000, 2, 2, 4, torch.Generator().manual_seed(0)).target
    pairs = (4 * read[:, 0] + read[:, 1]).bincount(minlength=16) / 20_000
    assert (pairs - 1 / 16).abs().max() < 0.006


@pytest.mark.parametrize("answers", [0, 4])
def test_no_more_is_asked_for_than_was_read(answers: int) -> None:
    with pytest.raises(ValueError, match="of 3 symbols, 1 to 3 can be asked for"):
        sequences(5, 3, answers, 4, torch.Generator())


@pytest.mark.parametrize("name", NETWORKS)
def test_answers_are_the_scores_of_the_symbols_at_the_blanks(name: str) -> None:
    torch.manual_seed(0)
    model = NETWORKS[name](FIRST + 4, 8).eval()
    samples = sequences(3, 5, 2, 4, torch.Generator().manual_seed(0))
    scores = Copier(model, 2)(samples.inputs)
    assert scores.shape == (3, 2, 4)
    torch.testing.assert_close(scores, model(None, samples.inputs["text"])[:, 5:, FIRST:])


def test_a_push_keeps_the_state() -> None:
    torch.manual_seed(0)
    pushed, plain = remembering(5, 6).network, remembering(5, 6, push=0.0).network
    state = torch.randn(1, 1, 6)
    nothing = torch.zeros(1, 1, 6)
    kept = [(network(nothing, state)[1] - state).abs().mean() for network in (pushed, plain)]
    assert kept[0] < kept[1] / 3

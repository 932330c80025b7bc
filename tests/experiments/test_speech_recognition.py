"""Speech recognition: end to end and tiny, and the pieces that decide what is measured."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Generator

from mmbook.experiments.speech_recognition import TIERS, run
from mmbook.experiments.speech_recognition.config import CTC, GUESS, KNOWN, NEW
from mmbook.experiments.speech_recognition.data import Material, held_out_strings, load, training
from mmbook.experiments.speech_recognition.measure import decoded, errors, put, times
from mmbook.models import load_pretrained
from mmbook.training import TrainingConfig

TINY = replace(
    TIERS["mini"],
    seeds=(0, 1),
    takes=2,
    strings=4,
    model=replace(TIERS["mini"].model, mels=8, stages=(2,), width=4),
    training=TrainingConfig(steps=2, batch_size=4),
)


@pytest.fixture(scope="module")
def material() -> Material:
    return load("mini", TINY)


def test_all_is_measured_once_and_the_network_is_kept(tmp_path: Path) -> None:
    result = run("mini", TINY, tmp_path)
    for system in TINY.systems:
        for voices in (KNOWN, NEW):
            for task, decodings in (("strings", 3), ("isolated", 2)):
                at = {"voices": voices, "task": task}
                found = result.curve(system, "word_error_rate", "decoding", **at)
                assert len(found) == decodings
            result.summary(system, "blank_share", voices=voices)
    said = result.summary(GUESS, "accuracy", voices=NEW, task="isolated")
    assert said[0] == pytest.approx(0.1)
    assert run("mini", TINY, tmp_path).rows == result.rows
    model = load_pretrained(tmp_path / "seed-0" / "transcriber")
    assert model.config == TINY.model


def test_nobody_who_is_new_and_no_take_that_is_tested_is_trained_on(material: Material) -> None:
    left_out = []
    for seed in range(3):
        trained_on = training(material, seed, TINY)
        heard = held_out_strings(material, seed, TINY)
        known, new = (set(heard[who, "isolated"].speakers) for who in (KNOWN, NEW))
        assert set(trained_on.takes.speakers) == known and not known & new
        left_out += sorted(new)
        assert set(trained_on.takes.take_groups.tolist()) == {1}
        assert len(heard[NEW, "isolated"]) == 8 * 10 * 2 and len(heard[KNOWN, "isolated"]) == 160
    assert sorted(left_out) == sorted(set(material.takes.speakers))


def test_a_batch_has_one_number_of_digits_and_a_share_of_other_voices(material: Material) -> None:
    strings = replace(training(material, 0, TINY), more=material.takes, share=0.25)
    counts = set()
    for seed in range(12):
        batch = strings(Generator().manual_seed(seed), 8)
        texts = [TINY.model.decode(row[:n].tolist()) for row, n in _rows(batch.target)]
        assert len(batch) == 8 and len({len(text.split()) for text in texts}) == 1
        counts.add(len(texts[0].split()))
    assert len(counts) > 2


def _rows(labels: object) -> list[tuple[torch.Tensor, int]]:
    return list(zip(labels.values, labels.lengths.tolist(), strict=True))  # type: ignore[attr-defined]


def test_peaks_are_compared_with_where_the_words_are(material: Material) -> None:
    model = TINY.model.build()
    heard = held_out_strings(material, 0, TINY)[NEW, "strings"]
    rows = []
    for text, places in zip(heard.texts, heard.places, strict=True):
        path = torch.zeros(400, dtype=torch.long)
        for word_number, (word, (start, _)) in enumerate(zip(text.split(), places, strict=True)):
            first = round((start + 0.04) * 50) + 1
            for place, label in enumerate(TINY.model.encode(word)):
                path[first + 2 * place] = label
            if word_number < len(places) - 1:
                path[first + 2 * len(word)] = TINY.model.encode(" ")[0]
        rows.append(torch.nn.functional.one_hot(path, 17).float().mul(9).log_softmax(1))
    found = times(model, rows, heard)
    assert found["first_delay"] == pytest.approx(0.06, abs=0.011)
    words = [word for text in heard.texts for word in text.split()]
    spans = sum((len(word) - 1) * 0.04 for word in words) / len(words)
    assert found["letter_span"] == pytest.approx(spans)
    assert found["word_span"] > 0.2 and found["blank_share"] > 0.9
    assert decoded(model, rows, "strings", 4)["greedy"] == list(heard.texts)
    assert decoded(model, rows, "strings", 4)["lexicon"] == list(heard.texts)


def test_letters_are_put_where_their_probability_is() -> None:
    model = TINY.model.build()
    path = torch.zeros(14, dtype=torch.long)
    path[[1, 3, 5, 7, 9, 11, 12]] = torch.tensor(TINY.model.encode("one six"))
    scores = torch.nn.functional.one_hot(path, 17).float().mul(9).log_softmax(1)
    assert put(scores, "one six", model) == [(1, 5), (9, 12)]


def test_errors_are_rates_of_words_of_letters_and_of_strings() -> None:
    rows = {r.metric: r.value for r in errors(CTC, ["one two", "six"], ["one", "six"], 0, {})}
    assert rows == {
        "word_error_rate": 1 / 3,
        "character_error_rate": 4 / 10,
        "accuracy": 0.5,
    }

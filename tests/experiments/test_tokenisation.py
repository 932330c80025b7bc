"""The tokenisation experiment, end to end and small, and the measures that it stands on."""

from dataclasses import replace
from pathlib import Path

import pytest

from mmbook.experiments.tokenisation import TIERS, run
from mmbook.experiments.tokenisation.counting import _is_text, _share, _tokens, count_sentences
from mmbook.experiments.tokenisation.matching import chance_of_the_same_scene, english_documents
from mmbook.experiments.tokenisation.texts import mini_corpus
from mmbook.preprocessing.text.bpe import BytePairEncoding
from mmbook.preprocessing.text.tokenizers import plain_words
from tests.preprocessing.text.test_sentences import write_model

SMALL = replace(TIERS["mini"], seeds=(0, 1), merges=40)


def test_everything_is_measured_and_repeats(tmp_path: Path) -> None:
    result = run("mini", SMALL, tmp_path)
    assert run("mini", SMALL, tmp_path).rows == result.rows
    assert result.data["seed 0"] != result.data["seed 1"]
    lengths = result.select(
        "byte-pair encoding", "characters_per_token", language="zh", trained_on="en"
    )
    assert lengths == pytest.approx({0: 1 / 3, 1: 1 / 3})
    assert all(0 <= row.value <= 1 for row in result.rows if row.metric == "accuracy")
    assert {row.system for row in result.rows if row.condition.get("task") == "same scene"} == {
        *("nearest caption", "chance")
    }


def test_statements_show_what_a_list_deletes(tmp_path: Path) -> None:
    result = run("mini", replace(SMALL, seeds=(0,)), tmp_path)

    def share(task: str, terms: str) -> float:
        return result.select("linear classifier", "accuracy", task=task, terms=terms)[0]

    for task in ("negation", "side"):
        assert share(task, "words") == 1.0
        assert share(task, "without stop words") == 0.5
    assert share("order", "words") == 0.5
    assert share("order", "words and pairs") == 1.0


def test_held_out_scenes_are_held_out() -> None:
    corpus = mini_corpus(0, 12)
    assert len(corpus.test["en"]) == len(corpus.test["zh"]) == 36
    for language in ("en", "zh"):
        assert not set(corpus.train[language]) & set(corpus.test[language])
    assert ["".join(words) for words in corpus.segmented] == corpus.to_segment == corpus.test["zh"]
    assert chance_of_the_same_scene(corpus) == pytest.approx(2 / 143)


def test_words_and_what_becomes_of_them() -> None:
    assert plain_words("The dog isn't Running!") == ["the", "dog", "is", "n't", "running"]
    kinds = english_documents(["The dog isn't Running!"])
    assert kinds["without stop words"] == [["dog", "running"]]
    assert kinds["stems"] == [["the", "dog", "is", "n't", "run"]]
    assert kinds["words and pairs"][0][5:] == ["the dog", "dog is", "is n't", "n't running"]


def test_shares_and_texts() -> None:
    assert _share([["no", "dog"], ["dog"], ["not"], []], {"no", "not"}) == 0.5
    assert _is_text("女".encode()) and not _is_text("女".encode()[:2])
    assert _tokens(BytePairEncoding([]), ["女", "a"]) == 4


def test_a_text_that_does_not_come_back_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BytePairEncoding, "decode", lambda self, ids: "")
    with pytest.raises(RuntimeError, match="'a' comes back as ''"):
        _tokens(BytePairEncoding([]), ["a"])


def test_sentences_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    write_model(tmp_path / "nltk_data")
    corpus = replace(mini_corpus(0, 4), test={"en": ["Dr. Lin sleeps.", "He runs!"] * 20})
    scores = {row.system: row.value for row in count_sentences(corpus)}
    assert scores["Punkt as shipped"] == scores["Punkt of NLTK"] == 1
    # Of three pieces, one is right, and so is one of two sentences.
    assert scores["cut at every stop"] == pytest.approx(2 * 1 / 5)

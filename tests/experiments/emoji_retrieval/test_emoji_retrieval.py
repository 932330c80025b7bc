"""Emoji and words, end to end and tiny, and the parts that decide what is claimed."""

from pathlib import Path

import pytest

from mmbook.evaluation import Result
from mmbook.experiments.emoji_retrieval import run
from mmbook.experiments.emoji_retrieval.config import ASKED, SYSTEMS
from mmbook.experiments.emoji_retrieval.run import CURVED, MIXED
from tests.experiments.emoji_retrieval import small

BASELINES = ("nearest pixels", "soft neighbours", "ridge regression")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def result(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMBOOK_DATA", str(small.write(tmp_path_factory.mktemp("data"))))
        found = run("full", small.TINY, folder)
        assert run("full", small.TINY, folder).rows == found.rows
    return found


def test_every_system_is_measured_in_both_directions(result: Result) -> None:
    for split, names in (("groups", tuple(SYSTEMS)), ("random", small.TINY.curve)):
        for system in (*BASELINES, *names, MIXED):
            for language in ASKED:
                for direction in ("picture to text", "text to picture"):
                    there = {"split": split, "language": language, "direction": direction}
                    result.select(system, "median_rank", **there)
                    ordered = [result.summary(system, f"recall_at_{k}", **there) for k in (1, 5)]
                    assert ordered[0] <= ordered[1]
    count = result.select("held-out emoji", "count", split="groups")
    assert set(count.values()) <= {7, 8, 9}
    chance = result.select("chance", "recall_at_1", split="groups")
    assert chance == {seed: 1 / count[seed] for seed in count}
    assert all(0 <= row.value <= 1 for row in result.rows if "recall" in row.metric)
    assert set(result.parameters) >= set(SYSTEMS)
    tasks = {row.condition.get("task") for row in result.rows}
    assert "English to Chinese" in tasks
    assert {row.metric for row in result.rows if row.system == "spoken word"} == {
        *("demonstration_recall_at_10", "demonstration_median_rank")
    }
    there = {"split": "groups", "language": "zh", "direction": "text to picture"}
    for system in (*CURVED, *small.TINY.curve):
        assert list(result.curve(system, "recall_at_5", "training_share", **there)) == [1.0, 0.5]


def test_rates_are_chosen_with_the_first_seed_only(result: Result, folder: Path) -> None:
    for name, system in SYSTEMS.items():
        rates = result.select(name, "learning_rate", split="groups")
        assert len(set(rates.values())) == 1 and set(rates.values()) <= set(system.rates)
    first, second = (len(list((folder / f"seed-{s}").glob("*.safetensors"))) for s in (0, 1))
    assert first > second


def test_without_the_data_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    with pytest.raises(Exception, match="emoji"):
        run("full", small.TINY, tmp_path / "run")

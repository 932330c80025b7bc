"""Extending a record: what is added, and what must be the same for it."""

from dataclasses import dataclass, replace

import pytest

from mmbook.evaluation import Result, Row
from mmbook.experiments.harness.extending import check_extension, extended

SOURCE = {"mmbook.batch": "1"}


def result(systems: dict[str, float]) -> Result:
    """Three seeds of a baseline and of each system, with its first value."""
    rows = [
        Row(name, "accuracy", seed, value + seed / 10)
        for name, value in {"chance": 0.1, **systems}.items()
        for seed in range(3)
    ]
    facts = {"sizes": dict.fromkeys(systems, 7), "config": {"steps": 5, "systems": [*systems]}}
    return Result(
        *("copying", "mini", rows, ["chance"], [0, 1, 2], "words"),
        *(facts["config"], facts["sizes"], 1.5, {"train": "d1"}),
        source=SOURCE,
    )


def test_new_systems_stand_after_those_that_were_there() -> None:
    record, more = result({"early": 0.5}), result({"late": 0.4})
    found = extended(record, replace(more, commit="later"))
    assert found.systems == ["chance", "early", "late"]
    assert found.select("early", "accuracy") == record.select("early", "accuracy")
    assert found.select("late", "accuracy") == more.select("late", "accuracy")
    assert found.config == {"steps": 5, "systems": ["early", "late"]}
    assert found.parameters == {"early": 7, "late": 7} and found.seconds == 3.0
    assert (found.source, found.commit) == (SOURCE, "later")


def test_a_system_that_was_there_stays_if_it_has_the_same_values() -> None:
    record = result({"early": 0.5})
    assert extended(record, result({"early": 0.5})).rows == record.rows
    with pytest.raises(ValueError, match=r"early, accuracy, seed 0: 0.5 was recorded, now 0.6"):
        extended(record, result({"early": 0.6, "late": 0.4}))


def test_code_that_confirmed_the_record_may_extend_it() -> None:
    later = {"mmbook.batch": "2"}
    record = replace(result({"early": 0.5}), confirmed={"source": later})
    assert extended(record, replace(result({"late": 0.4}), source=later)).systems[-1] == "late"


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"source": {"mmbook.batch": "2"}}, "code"),
        ({"config": {"steps": 6, "systems": ["late"]}}, "settings"),
        ({"data": {"train": "d2"}}, "data"),
        ({"hardware": "another"}, "machine"),
        ({"versions": {"torch": "0"}, "data": {}}, "data and versions"),
    ],
)
def test_what_differs_is_named(other: dict, named: str) -> None:
    more = replace(result({"late": 0.4}), **other)
    with pytest.raises(ValueError, match=f"has other {named} than this run"):
        extended(result({"early": 0.5}), more)


def test_other_seeds_are_refused() -> None:
    more = result({"late": 0.4})
    fewer = replace(more, rows=[row for row in more.rows if row.seed < 2], seeds=[0, 1])
    with pytest.raises(ValueError, match="has other seeds than this run"):
        extended(result({"early": 0.5}), fewer)


@dataclass(frozen=True)
class Settings:
    """Those of an experiment whose systems can be chosen."""

    systems: tuple[str, ...] = ("early",)


def test_only_what_adds_a_system_is_run() -> None:
    check_extension(result({"early": 0.5}), Settings(("early", "late")))
    with pytest.raises(ValueError, match="the record of copying, tier mini, has early already"):
        check_extension(result({"early": 0.5}), Settings())
    with pytest.raises(ValueError, match="adds --systems to a record, and copying has no such"):
        check_extension(result({"early": 0.5}), object())

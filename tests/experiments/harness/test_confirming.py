"""Confirming a record: which differences count, and which do not."""

import pytest

from mmbook.evaluation import Result, Row
from mmbook.experiments.harness.confirming import confirmed

SOURCE = {"mmbook.batch": "1"}


def result(
    *values: float, metric: str = "accuracy", source: dict[str, str] | None = None
) -> Result:
    seeds = tuple(range(len(values)))
    rows = [Row("early", metric, seed, value) for seed, value in enumerate(values)]
    return Result("copying", "mini", rows, [], seeds, "", {}, {}, 1.0, {}, source=source or {})


def test_the_record_keeps_its_own_source_and_names_the_later_one() -> None:
    record = result(0.5, 0.6, 0.7, source={"mmbook.batch": "0"})
    found = confirmed(record, result(0.5, source=SOURCE))
    assert found.source == record.source and found.rows == record.rows
    assert found.confirmed["source"] == SOURCE and found.confirmed["seeds"] == [0]


@pytest.mark.parametrize(
    ("before", "now", "metric", "same"),
    [
        (0.123456, 0.123457, "accuracy", False),
        (207.5, 311.2, "seconds", True),
        (0.093982, 0.0939816, "accuracy", True),  # as it was stored once
        (0.0939816, 0.0939817, "accuracy", False),
        (0.0939816, 0.093982, "accuracy", False),
    ],
)
def test_values_are_the_same_to_the_last_digit(
    before: float, now: float, metric: str, same: bool
) -> None:
    record, again = result(before, metric=metric), result(now, metric=metric)
    if same:
        assert confirmed(record, again).confirmed["seeds"] == [0]
    else:
        with pytest.raises(ValueError, match=f"early, {metric}, seed 0: {before} was recorded"):
            confirmed(record, again)


def test_what_was_not_measured_before_or_is_not_now_is_a_difference() -> None:
    with pytest.raises(ValueError, match=r"seed 0: None was recorded, now 0\.5; early, perplex"):
        confirmed(result(0.5, metric="perplexity"), result(0.5))


def test_of_many_differences_the_first_are_named() -> None:
    with pytest.raises(ValueError, match=r"seed 2: .*; and 2 more$"):
        confirmed(result(*[0.1] * 5), result(*[0.2] * 5))

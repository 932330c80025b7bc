"""A table of all measurements: each once, under its system, in units that are named."""

import math

import pytest

from mmbook.evaluation import Result, Row, load_result
from mmbook.evaluation.tables import SHARES, UNITS, measurements_table
from mmbook.paths import results_folder


def result(tier: str, rows: list[tuple[str, str, float, dict]]) -> Result:
    """Two seeds of each row, the second with a value 0.02 larger."""
    values = [
        Row(system, metric, seed, value + 0.02 * seed, condition)
        for system, metric, value, condition in rows
        for seed in range(2)
    ]
    return Result("copying", tier, values, [], (0, 1), f"{tier} words", {}, {}, 1.0, {})


def test_a_system_is_named_once_and_shares_are_per_cent() -> None:
    mini = result(
        "mini",
        [
            ("early", "accuracy", 0.5, {"image_noise": 1.6}),
            ("late", "accuracy", 0.4, {}),
            ("early", "seconds", 207.5, {}),
        ],
    )
    assert measurements_table([mini]).split("\n") == [
        "| system | metric | where | mini |",
        "|---|---|---|---|",
        "| held out | | | mini words |",
        "| seeds | | | 2 |",
        "| early | accuracy, % | image noise 1.6 | 51.0 ± 1.4 |",
        "|  | seconds, s |  | 207.5 ± 0.0 |",
        "| late | accuracy, % |  | 41.0 ± 1.4 |",
    ]


def test_what_one_tier_alone_measured_leaves_the_other_empty() -> None:
    mini = result("mini", [("early", "perplexity", 20.0, {})])
    full = result("full", [("early", "perplexity", 10.0, {}), ("late", "gap", -0.5, {"of": "a"})])
    assert measurements_table([mini, full]).split("\n")[4:] == [
        "| early | perplexity |  | 20.010 ± 0.014 | 10.010 ± 0.014 |",
        "| late | gap | of a |  | -0.490 ± 0.014 |",
    ]


def test_a_table_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="one result or more"):
        measurements_table([])


def test_every_record_has_a_table_with_all_of_its_measurements() -> None:
    metrics = set()
    for file in sorted(results_folder().glob("*.json")):
        recorded = load_result(*file.stem.rsplit("-", 1))
        rows = measurements_table([recorded]).split("\n")[4:]
        assert len(rows) == len(recorded.summaries()), file.name
        metrics |= {row.metric for row in recorded.rows}
        within = (row.value for row in recorded.rows if row.metric in SHARES)
        assert all(-1 <= value <= 1 and math.isfinite(value) for value in within), file.name
    assert metrics >= SHARES | UNITS.keys()  # no unit of a metric that nothing measures

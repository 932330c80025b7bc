"""The record of a result: a file that is written whole, and read by name."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mmbook.evaluation.result import Result, Row
from mmbook.paths import results_folder

DECIMALS = 6  # of a recorded value, or digits where it is small
NOISE = 12  # the decimals behind which a value is an error of rounding


def save_result(result: Result, folder: Path | None = None) -> Path:
    """Write `<experiment>-<tier>.json` into the folder of results; returns its path.

    A file that is there is replaced by a whole one only. It holds a line for each measurement, with
    its values in the order of the seeds.
    """
    record = {name: value for name, value in vars(result).items() if name != "rows"}
    record["measurements"] = [
        {
            "system": system,
            "metric": metric,
            **({"condition": dict(condition)} if condition else {}),
            "values": [_rounded(v) for v in result.select(system, metric, **condition).values()],
        }
        for system, metric, condition in result.measurements()
    ]
    folder = folder or results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / result.file_name
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(_text(record), encoding="utf-8")
    os.replace(temporary, path)
    return path


def _text(record: Mapping[str, Any]) -> str:
    """A record as JSON: a line for each fact, and for each part of a fact that has several."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def block(marks: str, lines: Iterable[str]) -> str:
        inside = ",\n  ".join(lines)
        return f"{marks[0]}\n  {inside}\n {marks[1]}" if inside else marks

    def written(name: str, value: Any) -> str:
        if isinstance(value, Mapping):
            return block("{}", (f"{line(key)}: {line(part)}" for key, part in value.items()))
        return block("[]", map(line, value)) if name == "measurements" else line(value)

    facts = ",\n ".join(f"{line(name)}: {written(name, value)}" for name, value in record.items())
    return f"{{\n {facts}\n}}\n"


def load_result(experiment: str, tier: str, folder: Path | None = None) -> Result:
    """Read a recorded result.

    Raises FileNotFoundError that names the command which makes it, and ValueError for a file that
    is no record, or that of another experiment or tier.
    """
    path = (folder or results_folder()) / f"{experiment}-{tier}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"no result at {path}; python -m mmbook.experiments {experiment} --tier {tier} --record"
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        rows = [
            Row(entry["system"], entry["metric"], seed, value, entry.get("condition", {}))
            for entry in record.pop("measurements")
            for seed, value in zip(record["seeds"], entry["values"], strict=True)
        ]
        result = Result(rows=rows, **record)
        if (result.experiment, result.tier) != (experiment, tier):
            raise ValueError(f"it is of experiment {result.experiment!r}, tier {result.tier!r}")
        return result
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is not a whole record: {error!r}") from error


def _rounded(value: float) -> float:
    """A value as it is recorded: 0.1 and above to six decimals, below to six digits."""
    if abs(value) >= 0.1 or type(value) is int:
        return round(value, DECIMALS)
    return float(f"{round(value, NOISE):.{DECIMALS}g}")

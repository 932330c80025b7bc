"""The record of a measured result: what was measured, on what, with what."""

import json
import math
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from mmbook.evaluation.environment import commit, hardware, peak_memory_mb, versions
from mmbook.evaluation.nearest import nearest_condition, nearest_name
from mmbook.paths import results_folder

Value = str | float | None  # None: not disturbed, not limited
Condition = Mapping[str, Value]
Key = tuple[str, str, frozenset[tuple[str, Value]]]
DECIMALS = 6  # of a recorded value, or digits where it is small
NOISE = 12  # the decimals behind which a value is an error of rounding
RESERVED = ("system", "metric", "seed", "value")


@dataclass(frozen=True)
class Row:
    """One measured value: of a system, by a metric, with a seed, under a condition.

    metric: an identifier, as "accuracy". condition: {name: value}, what else differs between
    measurements, as {"image_noise": 1.6, "audio_snr_db": None}. A value of another type, as a
    scalar of NumPy, becomes a float. Raises ValueError where a name cannot be asked for or the
    value is no finite number.
    """

    system: str
    metric: str
    seed: int
    value: float
    condition: Condition = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.system:
            raise ValueError(f"a row needs the name of a system: {self}")
        for name in (self.metric, *self.condition):
            if not name.isidentifier() or name in RESERVED:
                raise ValueError(
                    f"{name!r} cannot name a metric or a condition: letters, digits and _ can, "
                    f"but not {', '.join(RESERVED)}"
                )
        if type(self.value) not in (int, float):
            object.__setattr__(self, "value", self._as_float())
        if not math.isfinite(self.value):
            raise ValueError(f"the value of {self.name} must be finite, not {self.value}")

    def _as_float(self) -> float:
        try:
            if not isinstance(self.value, str):
                return float(self.value)
        except (TypeError, ValueError, RuntimeError):
            pass
        raise ValueError(f"the value of {self.name} must be a number, not {self.value!r}")

    @property
    def key(self) -> Key:
        """What is measured, whatever the seed."""
        return self.system, self.metric, frozenset(self.condition.items())

    @property
    def name(self) -> str:
        """What is measured, in words."""
        return named(self.system, self.metric, self.condition)


def _rounded(value: float) -> float:
    """A value as it is recorded: 0.1 and above to six decimals, below to six digits."""
    if abs(value) >= 0.1 or type(value) is int:
        return round(value, DECIMALS)
    return float(f"{round(value, NOISE):.{DECIMALS}g}")


def _mean_and_spread(values: Collection[float]) -> tuple[float, float]:
    return mean(values), stdev(values) if len(values) > 1 else 0.0


def named(system: str, metric: str, condition: Condition) -> str:
    """A measurement in words: "early, accuracy, image_noise=1.6"."""
    return ", ".join([system, metric, *(f"{k}={v}" for k, v in condition.items())])


@dataclass(frozen=True)
class Result:
    """One experiment's measurements, a row a value, and what they stand on.

    baselines: the systems among the rows that the others are compared with. seconds: of all
    training; split: what was held out; data: {set: what identifies it}; peak_memory_mb: of the
    process that measured, which may have read weights trained before; source: {module: digest} of
    the code (`mmbook.evaluation.source`), empty where it is not known. Raises ValueError where
    seeds are not whole numbers, a measurement does not have one value for each seed, or a baseline
    was not measured.
    """

    experiment: str
    tier: str
    rows: Sequence[Row]
    baselines: Sequence[str]
    seeds: Sequence[int]
    split: str
    config: Mapping[str, Any]
    parameters: Mapping[str, int]
    seconds: float
    data: Mapping[str, str]
    hardware: str = field(default_factory=hardware)
    peak_memory_mb: int = field(default_factory=peak_memory_mb)
    versions: Mapping[str, str] = field(default_factory=versions)
    commit: str = field(default_factory=commit)
    source: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(type(seed) is int for seed in self.seeds):
            raise ValueError(f"seeds must be whole numbers, not {self.seeds!r}")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"each seed counts once, not as in {list(self.seeds)}")
        for rows in self._measured().values():
            found = sorted(row.seed for row in rows)
            if found != sorted(self.seeds):
                raise ValueError(
                    f"{rows[0].name} must have one value for each of the seeds "
                    f"{list(self.seeds)}, not for {found}"
                )
        for name in self.baselines:
            if name not in self.systems:
                raise ValueError(f"the baseline {name!r}{nearest_name(name, self.systems)}")

    @property
    def systems(self) -> list[str]:
        """The names of all systems, in the order of the rows."""
        return list(dict.fromkeys(row.system for row in self.rows))

    def measurements(self) -> Iterator[tuple[str, str, Condition]]:
        """System, metric and condition of all that was measured, in the order of the rows."""
        for first, *_ in self._measured().values():
            yield first.system, first.metric, first.condition

    def select(self, system: str, metric: str, **condition: Value) -> dict[int, float]:
        """{seed: value} of a measurement.

        Raises ValueError that names the nearest measurement, and what there is.
        """
        rows = self._measured().get((system, metric, frozenset(condition.items())))
        if rows is None:
            raise ValueError(f"{self._file_name}: {self._missing(system, metric, condition)}")
        by_seed = {row.seed: row.value for row in rows}
        return {seed: by_seed[seed] for seed in self.seeds}

    def summary(self, system: str, metric: str, **condition: Value) -> tuple[float, float]:
        """Mean and standard deviation of a measurement over the seeds; that of one seed is zero.

        Raises ValueError that names the nearest measurement, and what there is.
        """
        return _mean_and_spread(self.select(system, metric, **condition).values())

    def summaries(self) -> dict[str, tuple[float, float]]:
        """{measurement in words: (mean, standard deviation)} of all, in the order of the rows."""
        measured = self._measured().values()
        return {rows[0].name: _mean_and_spread([row.value for row in rows]) for rows in measured}

    def curve(
        self, system: str, metric: str, over: str, **condition: Value
    ) -> dict[Value, tuple[float, float]]:
        """{value of the condition `over`: (mean, standard deviation)}, all else as in `condition`.

        Raises ValueError where nothing was measured so.
        """
        found = {
            there[over]: self.summary(system, metric, **there)
            for there in self._conditions(system, metric)
            if over in there and {**condition, over: there[over]} == there
        }
        if not found:
            wanted = {**condition, over: "..."}
            raise ValueError(f"{self._file_name}: {self._missing(system, metric, wanted)}")
        return found

    def _measured(self) -> dict[Key, list[Row]]:
        """The rows of each measurement."""
        found: dict[Key, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.key, []).append(row)
        return found

    def _conditions(self, system: str, metric: str) -> list[dict[str, Value]]:
        return [dict(c) for s, m, c in self.measurements() if (s, m) == (system, metric)]

    @property
    def _file_name(self) -> str:
        return f"{self.experiment}-{self.tier}.json"

    def _missing(self, system: str, metric: str, condition: Condition) -> str:
        """What is wrong with a question that has no answer."""
        if system not in self.systems:
            return f"no system {system!r}{nearest_name(system, self.systems)}"
        metrics = list(dict.fromkeys(m for s, m, _ in self.measurements() if s == system))
        if metric not in metrics:
            return f"no metric {metric!r} of {system!r}{nearest_name(metric, metrics)}"
        there = self._conditions(system, metric)
        return f"no {named(system, metric, condition)}{nearest_condition(condition, there)}"


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
    path = folder / result._file_name
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

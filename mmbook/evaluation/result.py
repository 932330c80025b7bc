"""A measured result: what was measured, on what, with what."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import Any

from mmbook.evaluation.environment import commit, hardware, peak_memory_mb, versions
from mmbook.evaluation.nearest import nearest_condition, nearest_name

Value = str | float | None  # None: not disturbed, not limited
Condition = Mapping[str, Value]
Key = tuple[str, str, frozenset[tuple[str, Value]]]
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
    the code (`mmbook.evaluation.source`), empty where it is not known; confirmed: seeds, commit and
    source of later code that gave the same values, empty where none did. Raises ValueError where
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
    confirmed: Mapping[str, Any] = field(default_factory=dict)

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
            raise ValueError(f"{self.file_name}: {self._missing(system, metric, condition)}")
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
            raise ValueError(f"{self.file_name}: {self._missing(system, metric, wanted)}")
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
    def file_name(self) -> str:
        """That of its record."""
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

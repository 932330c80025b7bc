"""A record gets more systems, without those that it has being trained again.

Some systems take hours each. The same code on the same data gives each the same values whether or
not the others are run beside it, so they may be added to a record that this code made.
"""

from dataclasses import replace
from typing import Any

from mmbook.evaluation import Result
from mmbook.experiments.harness.confirming import confirmed

SYSTEMS = "systems"  # the setting of an experiment that may differ


def check_extension(recorded: Result, config: Any) -> None:
    """Raise ValueError where a run with the settings `config` would add no system to the record."""
    if not isinstance(wanted := getattr(config, SYSTEMS, None), tuple):
        raise ValueError(
            f"--extend adds --{SYSTEMS} to a record, and {recorded.experiment} has no such option"
        )
    if not set(wanted) - set(recorded.config.get(SYSTEMS, ())):
        raise ValueError(
            f"--extend: the record of {recorded.experiment}, tier {recorded.tier}, has "
            f"{', '.join(wanted)} already"
        )


def extended(recorded: Result, more: Result) -> Result:
    """The record with the systems of `more` that it does not have, after its own.

    Raises ValueError where the two differ in anything else: code, seeds, data, settings, machine,
    versions, or a value that both have.
    """
    if other := [name for name, (a, b) in _facts(recorded, more).items() if a != b]:
        raise ValueError(
            f"--extend: the record of {recorded.experiment}, tier {recorded.tier}, has other "
            f"{' and '.join(other)} than this run, and stays as it is"
        )
    there = {row.key for row in recorded.rows}
    again = [row for row in more.rows if row.key in there]
    _agree(recorded, replace(more, rows=again, baselines=[]))
    return replace(
        recorded,
        rows=[*recorded.rows, *(row for row in more.rows if row.key not in there)],
        config={**recorded.config, SYSTEMS: _both(recorded, more)},
        parameters={**recorded.parameters, **more.parameters},
        seconds=round(recorded.seconds + more.seconds, 1),
        peak_memory_mb=max(recorded.peak_memory_mb, more.peak_memory_mb),
        commit=more.commit,
    )


def _facts(*results: Result) -> dict[str, list[Any]]:
    """What must be the same of both, as a record holds it."""
    return {
        "code": [dict(r.confirmed.get("source", r.source)) for r in results],
        "seeds": [list(r.seeds) for r in results],
        "data": [dict(r.data) for r in results],
        "settings": [{**r.config, SYSTEMS: None} for r in results],
        "machine": [r.hardware for r in results],
        "versions": [dict(r.versions) for r in results],
    }


def _agree(recorded: Result, again: Result) -> None:
    """Raise ValueError where a value that both have is not the same."""
    shared = {row.key for row in again.rows}
    same = replace(recorded, rows=[row for row in recorded.rows if row.key in shared], baselines=[])
    confirmed(same, again)


def _both(recorded: Result, more: Result) -> list[str]:
    """The names of all systems that were run, those of the record first."""
    names = [*recorded.config.get(SYSTEMS, ()), *more.config.get(SYSTEMS, ())]
    return list(dict.fromkeys(names))

"""Measure once what needs no trained model: finished rows are read again."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mmbook.evaluation import Row
from mmbook.experiments.harness.finished import ROWS, Unit, checked, damaged, read_rows
from mmbook.training.hardware.distribution import is_main
from mmbook.training.saving.checkpoints import replacing


def measured(
    measure: Callable[[], Sequence[Row]],
    decided_by: Sequence[Any],
    folder: Path,
    name: str,
    module: str,
) -> tuple[list[Row], float]:
    """The rows that a unit of work gives, and its seconds.

    decided_by: all that decides the rows, but for the code, each with a `repr` that says it all:
    settings, digests of data. module: the one that measures, `__name__` there. The file is that of
    a `Unit`. Under torchrun all processes measure. Raises CheckpointError for a damaged file.
    """
    unit = Unit(folder, name, [repr(part) for part in decided_by], module)
    file = unit.file(ROWS)
    if file.is_file():
        return _read(file)
    unit.announce()
    started = time.perf_counter()
    rows = list(measure())
    seconds = time.perf_counter() - started
    if is_main():
        written = [vars(row) | {"condition": dict(row.condition)} for row in rows]
        facts = unit.facts(seconds, digest=_digest(written), rows=written)
        with replacing(file) as temporary:
            temporary.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        print(f"{folder.name} {name}: {seconds:.1f} s", flush=True)
    return rows, seconds


def _read(file: Path) -> tuple[list[Row], float]:
    """The rows of a file, and the seconds that they took."""
    facts = checked(file, read_rows(file))
    rows = facts.get("rows")
    if not isinstance(rows, list) or _digest(rows) != facts["digest"]:
        raise damaged(file, "its rows changed")
    return [Row(**row) for row in rows], facts["seconds"]


def _digest(rows: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

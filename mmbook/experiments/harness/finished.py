"""Finished units of work in files: where each is kept, by which code, and what it says of itself.

A unit is a trained model, or what was measured without one. Its file is named after the unit, all
that decides it, and the code, so that other code neither reads it nor writes over it.
"""

import hashlib
import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbook.evaluation.environment import hardware, versions
from mmbook.evaluation.source import Digests, differences, modules
from mmbook.training import CheckpointError
from mmbook.training.hardware.distribution import is_main
from mmbook.training.saving.checkpoints import load_metadata

WEIGHTS, ROWS = ".safetensors", ".json"
_FILE = re.compile(
    r"(?P<run>.+-[0-9a-f]{12})\.(?P<code>[0-9a-f]{8})(?P<ending>\.safetensors|\.json)"
)
_DONE = {WEIGHTS: ("trained", "training"), ROWS: ("measured", "measuring")}


@dataclass(frozen=True)
class Unit:
    """A unit of work and its files in a folder.

    name: for people. decided_by: all that decides what comes out, but for the code. module: the one
    that does the work, `__name__` there; it and all that it imports is the code.
    """

    folder: Path
    name: str
    decided_by: Iterable[str]
    module: str

    @property
    def run(self) -> str:
        """The name and a digest of what decides, as a name of files."""
        return re.sub(r"[^\w.+-]+", "-", self.name) + "-" + short(list(self.decided_by), 12)

    def file(self, ending: str) -> Path:
        """Its file with an ending, as ".ckpt"."""
        return self.folder / f"{self.run}.{short(modules(self.module))}{ending}"

    def facts(self, seconds: float, **more: Any) -> dict[str, Any]:
        """What a finished file must say of itself: how long it took, where, with which code."""
        return {
            "name": self.name,
            "seconds": seconds,
            "module": self.module,
            "source": modules(self.module),
            "hardware": hardware(),
            "versions": versions(),
            **more,
        }

    def announce(self) -> None:
        """Say, in a line each, which files of this unit are of other code only."""
        if is_main():
            for other in other_code(self.folder, self.run):
                print(f"{other}: {_DONE[other.file.suffix][1]} again", file=sys.stderr)


@dataclass(frozen=True)
class Finished:
    """A file of finished work: its run, the digest of the code, and what it says of itself."""

    file: Path
    run: str
    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class OtherCode:
    """Finished work that this code has not done, and the modules in which the two differ."""

    file: Path
    modules: list[str]

    def __str__(self) -> str:
        done = _DONE[self.file.suffix][0]
        return f"{self.file} was {done} by other code (in {', '.join(self.modules)})"


def other_code(folder: Path, run: str | None = None) -> list[OtherCode]:
    """The finished work in a folder, or of one run, that other code did and this one has not.

    Raises CheckpointError for a damaged file.
    """
    runs: dict[tuple[Path, str], list[OtherCode | None]] = defaultdict(list)
    for one in finished(folder, run):
        runs[one.file.parent, one.run].append(_other_code(one))
    return [files[-1] for files in runs.values() if files[-1] and None not in files]


def finished(folder: Path, run: str | None = None) -> Iterator[Finished]:
    """All finished work in a folder and those inside it, or that of one run in the folder.

    Raises CheckpointError for a damaged file.
    """
    for file in finished_files(folder, inside=run is None):
        name = _FILE.fullmatch(file.name)
        if name and run in (None, name["run"]):
            read = load_metadata if name["ending"] == WEIGHTS else read_rows
            yield Finished(file, name["run"], name["code"], checked(file, read(file)))


def finished_files(folder: Path, inside: bool = True) -> list[Path]:
    """The files of finished work in a folder, and in those inside it."""
    found = folder.rglob("*") if inside else folder.glob("*")
    return sorted(file for file in found if _FILE.fullmatch(file.name))


def read_rows(file: Path) -> dict[str, Any]:
    """The content of a file of measurements. Raises CheckpointError where it is none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise damaged(file, "it cannot be read") from error
    if not isinstance(content, dict):
        raise damaged(file, "it holds no facts")
    return content


def checked(file: Path, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts of a file. Raises CheckpointError where one is missing."""
    kinds = {
        **dict.fromkeys(("module", "digest", "hardware"), str),
        **dict.fromkeys(("source", "versions"), dict),
        "seconds": (int, float),
    }
    wrong = [name for name, kind in kinds.items() if not isinstance(facts.get(name), kind)]
    if wrong or not math.isfinite(facts["seconds"]):
        raise damaged(file, f"it does not say its {' and '.join(wrong) or 'seconds'}")
    return facts


def damaged(file: Path, why: str) -> CheckpointError:
    """The error that says so, and what helps."""
    again = "train" if file.suffix == WEIGHTS else "measure"
    return CheckpointError(f"{file} is damaged: {why}; delete it to {again} again")


def short(parts: Digests | list[str], length: int = 8) -> str:
    """A digest of a list, or of names and what they stand for."""
    lines = [f"{k} {v}" for k, v in sorted(parts.items())] if isinstance(parts, Mapping) else parts
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:length]


def _other_code(one: Finished) -> OtherCode | None:
    """What is other about the code of a file, unless it is the same."""
    try:
        now = modules(one.facts["module"])
    except ValueError:  # the module is gone
        now = {}
    if short(now) == one.code:
        return None
    return OtherCode(one.file, differences(one.facts["source"], now))

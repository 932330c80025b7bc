"""The record of the comparison: what was found, and with which code and weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tools.frameworks import checkpoint

FOLDER = Path(__file__).resolve().parent
RECORD = checkpoint.ROOT / "data" / "frameworks" / "comparison.json"
MEASURING = ("checkpoint.py", "compare.py", "inputs.py", "probes.py", "worker.py")
WEIGHTS = (checkpoint.FUSION, checkpoint.CAPTIONER, checkpoint.RECURRENT)


def digests() -> dict[str, str]:
    """SHA-256 of each file that a number depends on: code, requirements, checkpoints."""
    code = [*FOLDER.glob("models/*.py"), *(FOLDER / name for name in MEASURING)]
    code = sorted([*code, *FOLDER.glob("requirements/*.txt")])
    return {
        path.relative_to(checkpoint.ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (*code, *WEIGHTS)
    }


def code_lines(path: Path) -> int:
    """Lines that hold code: no empty ones, no comments alone, no docstrings."""
    import ast

    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    notes = [n.body[0] for n in ast.walk(tree) if isinstance(n, kinds) and ast.get_docstring(n)]
    hidden = {i for note in notes for i in range(note.lineno, (note.end_lineno or 0) + 1)}
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return sum(
        bool(t.strip()) and not t.strip().startswith("#") and i not in hidden for i, t in lines
    )


def stale(record: dict) -> list[str]:
    """What changed since the record was made, by name; nothing where it still holds."""
    then, now = record["digests"], digests()
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def load(path: Path = RECORD) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def write(record: dict, path: Path = RECORD) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

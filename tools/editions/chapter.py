"""The one parsed form of a chapter on which checks, editions and the grader stand."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast, get_args

from nbformat import NotebookNode

from tools.notebooks.book import tags

Role = Literal[
    "header",
    "setup",
    "prose",
    "definition",
    "code",
    "exercises",
    "exercise",
    "check",
    "tally",
    "solution",
]
PARTS = ("exercise", "check", "solution")
DIRECTIVE = re.compile(
    r"^[`:]{3,}\{exercise\}[ ]*(?P<title>.*)\n(?::label: *(?P<label>\S+))?", re.M
)


@dataclass(frozen=True)
class Exercise:
    """A coding exercise: its stub, its check and its solution.

    `answers` are the names that the check judges; `title` and `label` are the directive's.
    """

    name: str
    title: str
    label: str
    stub: NotebookNode
    check: NotebookNode
    solution: NotebookNode
    answers: tuple[str, ...]


def role(cell: NotebookNode) -> Role:
    """What a cell is for: the tag that says so, or prose or code."""
    if cell.cell_type != "code":
        return "header" if "header" in tags(cell) else "prose"
    if "mmbook" in tags(cell):
        return "definition"
    named = [tag for tag in tags(cell) if tag in get_args(Role)]
    return cast("Role", named[0]) if named else "code"


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """The coding exercises of a chapter, in their order.

    Raises `ValueError` naming the exercise of which a part is missing or out of order.
    """
    return [_exercise(notebook, name) for name in _names(notebook)]


def _names(notebook: NotebookNode) -> Iterator[str]:
    named = (cell.metadata.get("mmbook", {}).get("exercise") for cell in notebook.cells)
    return iter(dict.fromkeys(name for name in named if name is not None))


def _exercise(notebook: NotebookNode, name: str) -> Exercise:
    places = [
        place
        for place, cell in enumerate(notebook.cells)
        if cell.metadata.get("mmbook", {}).get("exercise") == name
    ]
    parts = [notebook.cells[place] for place in places]
    roles = tuple(role(cell) for cell in parts)
    if roles != PARTS:
        raise ValueError(f"exercise {name}: its cells are {roles}; they must be {PARTS}, in order")
    before = [
        found
        for cell in notebook.cells[: places[0]]
        if cell.cell_type == "markdown"
        for found in DIRECTIVE.finditer(cell.source)
    ]
    if not before:
        raise ValueError(f"exercise {name}: no {{exercise}} directive comes before its stub")
    title, label = before[-1]["title"].strip(), before[-1]["label"] or ""
    return Exercise(name, title, label, *parts, answers=judged(parts[1].source, name))


def judged(source: str, name: str) -> tuple[str, ...]:
    """The arguments after `check_NAME` in the call that ends `source`.

    The call is `exercises.attempt(check_NAME, answer, ...)` or `confirm(check_NAME, answer, ...)`.
    Raises `ValueError` where the last statement is no such call.
    """
    body = ast.parse(source).body
    call = getattr(body[-1], "value", None) if body else None
    if isinstance(call, ast.Call):
        first, *others = [ast.unparse(argument) for argument in call.args] or [""]
        if first == f"check_{name}" and others:
            return tuple(others)
    raise ValueError(f"exercise {name}: a cell must end by judging check_{name} and an answer")


def defined(source: str) -> set[str]:
    """The names that `source` gives a value at its top level."""
    names = set()
    for statement in ast.parse(source).body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(statement.name)
        else:
            bound = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            names |= {node.id for node in bound if isinstance(node.ctx, ast.Store)}
    return names

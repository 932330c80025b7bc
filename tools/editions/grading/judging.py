"""Run the book's check on a student's answer: two namespaces in one process."""

import ast
import builtins
import importlib.util
import linecache
import sys
from collections import ChainMap
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import torch
from nbformat import NotebookNode

import mmbook.exercises
from tools.editions.chapter import exercises, role
from tools.editions.grading.slicing import codes, needed

# What runs before a student's code. Solutions are not run, and are not kept in memory.
RUN = ("definition", "code", "exercises", "exercise")
# Replacing a function of these changes what a check finds out.
WATCHED = ("mmbook", "torch", "numpy", "math", "cv2", "scipy", "sklearn", "skimage")
# A value whose class has these of its own is equal to whatever a check compares it with.
COMPARISONS = {f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "torch_function")}


class Judge:
    """A chapter of the book, executed, that judges answers to its exercises.

    Raises what the chapter's own cells raise. A judge is made once and then forked: `verdict`
    runs a student's code in this very process and leaves its traces there.
    """

    def __init__(self, notebook: NotebookNode) -> None:
        self.answers = {one.name: one.answers for one in exercises(notebook)}
        # Cells that a student left as they are need not be run again.
        self._sources = {
            cell.source.strip() for cell in notebook.cells if role(cell) in (*RUN, "check")
        }
        # The checks find the built-in functions here, whatever becomes of the module `builtins`.
        self.book: dict[str, Any] = {
            "__name__": "__chapter__",
            "__builtins__": dict(vars(builtins)),
        }
        for place, cell in enumerate(notebook.cells, 1):
            if role(cell) in RUN:
                self._run(cell.source, place)
        self._theirs = {**self.book, "__name__": "__main__", "__builtins__": builtins}
        for place, cell in enumerate(notebook.cells, 1):
            if role(cell) == "check":
                self._run(cell.source, place, last=-1)
        self.judging = _private_copy(mmbook.exercises)
        self._before = [(one, _callables(one)) for one in self._watched()]

    def _run(self, source: str, place: int, last: int | None = None) -> None:
        file = f"<cell {place} of the chapter>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        tree = ast.parse(source, file)
        tree.body = tree.body[:last]
        exec(compile(tree, file, "exec"), self.book)

    def verdict(self, exercise: str, cells: Sequence[str]) -> mmbook.exercises.Verdict:
        """The verdict on an exercise in a notebook whose code cells are `cells`."""
        own = [cell if cell.strip() not in self._sources else "" for cell in cells]
        problem = self._answer(own, self.answers[exercise])
        changed = self._tampered()
        answers = [eval(expression, self._theirs) for expression in self.answers[exercise]]
        found = self.judging.judge(self.book[f"check_{exercise}"], *answers)
        changed = changed or self._tampered()
        if changed:
            problem = f"the answer replaces {changed}, on which its check stands"
        if changed or (problem and not found.right):
            found = self.judging.Verdict(exercise, "wrong", problem)
        return found

    def _answer(self, own: Sequence[str], names: Sequence[str]) -> str:
        """Run what the answers need; what the first statement that failed said."""
        problems = []
        for statement in needed(own, names):
            try:
                if isinstance(statement.code, Exception):
                    raise statement.code
                for code in codes(statement.code):
                    if lies := COMPARISONS & {*code.co_names}:
                        raise TypeError(
                            f"{min(lies)} is what the check compares by, so it is not run"
                        )
                exec(statement.code, self._theirs)
            except Exception as error:
                problems.append(f"{type(error).__name__}: {error}".partition("\n")[0])
        return problems[0] if problems else ""

    def _watched(self) -> list[Any]:
        """What checks stand on: names and classes of the book, built-in functions and modules."""
        modules = [one for name, one in sys.modules.items() if name.split(".")[0] in WATCHED]
        own = [vars(one) for one in modules if one and one.__name__.split(".")[0] == "mmbook"]
        classes = {
            one for space in (self.book, *own) for one in space.values() if isinstance(one, type)
        }
        classes |= {torch.Tensor, torch.nn.Module}
        return [self.book, builtins, *filter(None, modules), *classes]

    def _tampered(self) -> str:
        """The name of a function or class that is no longer what it was; empty where none is."""
        for one, before in self._before:
            now = _callables(one)
            for name, was in before.items():
                if now.get(name) != was:
                    return name
        return ""


def _private_copy(module: ModuleType) -> ModuleType:
    """The same module once more, under a name by which nobody imports it."""
    spec = importlib.util.spec_from_file_location("_judging", module.__file__)
    copy = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    # A dataclass looks its module up while it is made.
    sys.modules["_judging"] = copy
    spec.loader.exec_module(copy)  # type: ignore[union-attr]
    del sys.modules["_judging"]
    return copy


def _callables(space: Any) -> dict[str, tuple[int, int]]:
    """What can be called in a namespace, by name: the object and its code.

    A class has what it inherits too, so that a method of its own in the place of that is seen.
    """
    spaces = space.__mro__ if isinstance(space, type) else [space]
    found = ChainMap(*[one if isinstance(one, dict) else dict(vars(one)) for one in spaces])
    values = list(found.items())
    return {
        name: (id(value), id(getattr(value, "__code__", None)))
        for name, value in values
        if callable(value)
    }

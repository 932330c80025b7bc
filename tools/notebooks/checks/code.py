"""Checks of a chapter's code: package cells and exercises."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from nbformat import NotebookNode

from tools.editions import chapter
from tools.editions.chapter import PARTS
from tools.notebooks.book import Book, code_cells, markdown_cells, tags
from tools.notebooks.source import object_source

LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER, tokenize.DEDENT}
EQUATION = re.compile(r"^\$\$ \((?P<label>[\w-]+)\)", re.MULTILINE)
TIE = re.compile(r"\beq\. (?P<label>[a-z]+(?:-[a-z]+)+)")
NOT_YET = re.compile(r"Not yet: [^\n]+")


def no_trailing_semicolons(notebook: NotebookNode, _: Book) -> list[str]:
    """No cell ends with `;`, which nbval takes for a syntax error."""
    return [
        f"cell {place}: ends with a semicolon; end with plt.show() or assign to _"
        for place, cell in code_cells(notebook)
        if _last_token(cell.source) == ";"
    ]


def _last_token(source: str) -> str:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source.rstrip()[-1:]
    return next((t.string for t in reversed(tokens) if t.type not in LAYOUT), "")


def package_cells(notebook: NotebookNode, book: Book) -> list[str]:
    """A cell tagged `mmbook` holds the definition that is in the package, tree for tree."""
    found = []
    for place, cell in code_cells(notebook):
        name = cell.metadata.get("mmbook", {}).get("object")
        if name is None:
            continue
        try:
            same = _tree(cell.source) == _tree(object_source(book.root, name))
        except (ValueError, SyntaxError) as error:
            found.append(f"cell {place}: {error}")
            continue
        if not same:
            found.append(f"cell {place}: differs from {name} in the package; run make sync")
    return found


def _tree(source: str) -> str:
    return ast.dump(ast.parse(source))


def tied_equations(notebook: NotebookNode, _: Book) -> list[str]:
    """Where code says which equation it computes (`# eq. LABEL`), it does so for every equation."""
    labels = {m["label"] for _, c in markdown_cells(notebook) for m in EQUATION.finditer(c.source)}
    own = [(place, c) for place, c in code_cells(notebook) if "mmbook" not in tags(c)]
    found = [
        f"cell {place}: there is no equation {tie['label']!r} in this chapter"
        for place, cell in own
        for tie in TIE.finditer(cell.source)
        if tie["label"] not in labels
    ]
    code = "\n".join(cell.source for _, cell in code_cells(notebook))
    untied = sorted(label for label in labels if not re.search(rf"\b{label}\b(?!-)", code))
    if any(TIE.search(cell.source) for _, cell in own):
        found += [f"no line of code says that it computes eq. {label}" for label in untied]
    return found


def exercises(notebook: NotebookNode, _: Book) -> list[str]:
    """Untouched exercises are "not yet", solutions are right and overwrite nothing, all counted."""
    parts = [(place, cell) for place, cell in code_cells(notebook) if set(PARTS) & set(tags(cell))]
    found = [
        f"cell {place}: part of an exercise, without metadata mmbook.exercise"
        for place, cell in parts
        if "exercise" not in cell.metadata.get("mmbook", {})
    ]
    if not parts or found:
        return found
    try:
        every = chapter.exercises(notebook)
        for exercise in every:
            found += [f"exercise {exercise.name}: {problem}" for problem in _exercise(exercise)]
    except ValueError as error:
        return [str(error)]
    return found + _counted(notebook, [exercise.name for exercise in every])


def _exercise(exercise: chapter.Exercise) -> Iterator[str]:
    for role, cell, call in (
        ("check", exercise.check, "exercises.attempt"),
        ("solution", exercise.solution, "confirm"),
    ):
        chapter.judged(cell.source, exercise.name)
        if not cell.source.splitlines()[-1].startswith(f"{call}("):
            yield f"the {role} cell must end with {call}(check_{exercise.name}, ...)"
    if f"def check_{exercise.name}(" not in exercise.check.source:
        yield f"the check cell does not define check_{exercise.name}()"
    overwritten = chapter.defined(exercise.solution.source) & chapter.defined(exercise.stub.source)
    if overwritten:
        yield f"the solution overwrites the reader's {', '.join(sorted(overwritten))}"
    if not exercise.solution.source.startswith(f"# Solution: {exercise.title}\n"):
        yield f"its solution must begin with the line '# Solution: {exercise.title}'"
    if not NOT_YET.fullmatch(_value(exercise.check)):
        yield f"the check must say 'Not yet: …' of the stub, not {_value(exercise.check)!r}"
    if exercise.solution.outputs:
        yield f"a right solution puts nothing out, this one {_value(exercise.solution)!r}"


def _counted(notebook: NotebookNode, names: list[str]) -> list[str]:
    """One cell names the exercises before the first, one after the last check counts them."""
    roles = [chapter.role(cell) for cell in notebook.cells]
    order = [role for role in roles if role in ("exercises", *PARTS, "tally")]
    expected = ["exercises", *["exercise", "check"] * len(names), "tally"]
    expected += ["solution"] * len(names)
    if order != expected:
        return [f"the cells of its exercises are {order}; they must be {expected}"]
    start, end = (notebook.cells[roles.index(role)] for role in ("exercises", "tally"))
    found = []
    quoted = ", ".join(f'"{name}"' for name in names)
    if f"exercises = Exercises({quoted})" not in re.sub(r"\(\s+|,?\s+\)", _brackets, start.source):
        found.append(f"the first cell of the exercises must say exercises = Exercises({quoted})")
    if not _value(end).startswith(f"0 of {len(names)} right."):
        found.append(f"untouched, 0 of {len(names)} must be right, not {_value(end)!r}")
    return found


def _brackets(found: re.Match[str]) -> str:
    return found[0].strip(", \n")


def _value(cell: NotebookNode) -> str:
    """The text of the value with which a cell ends."""
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)

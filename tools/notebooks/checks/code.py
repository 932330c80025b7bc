"""Checks of a chapter's code: package cells and exercises."""

import ast
import io
import re
import tokenize

from nbformat import NotebookNode

from tools.notebooks.book import Book, code_cells, markdown_cells, tags
from tools.notebooks.source import object_source

ROLES = ("exercise", "check", "solution")
LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER, tokenize.DEDENT}
EQUATION = re.compile(r"^\$\$ \((?P<label>[\w-]+)\)", re.MULTILINE)
TIE = re.compile(r"\beq\. (?P<label>[a-z]+(?:-[a-z]+)+)")
NOT_YET = re.compile(r"Not yet: [^\n]+\n")


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
    """A coding exercise is a stub, its check and a solution, which ran to 'Not yet' and 'Right.'"""
    cells: dict[str, list[tuple[int, NotebookNode]]] = {}
    found = []
    for place, cell in code_cells(notebook):
        name = cell.metadata.get("mmbook", {}).get("exercise")
        if name is not None:
            cells.setdefault(name, []).append((place, cell))
        elif set(ROLES) & set(tags(cell)):
            found.append(f"cell {place}: part of an exercise, without metadata mmbook.exercise")
    for name, parts in cells.items():
        found += [f"exercise {name}: {problem}" for problem in _exercise(notebook, name, parts)]
    return found


def _exercise(
    notebook: NotebookNode, name: str, parts: list[tuple[int, NotebookNode]]
) -> list[str]:
    roles = tuple(role for _, cell in parts for role in ROLES if role in tags(cell))
    if roles != ROLES or len(parts) != len(ROLES):
        return [f"its cells are {roles}; they must be {ROLES}, in this order"]
    found = []
    (first, _), (_, check), (_, solution) = parts
    if not any("{exercise" in cell.source for cell in notebook.cells[: first - 1]):
        found.append("no {exercise} directive comes before its stub")
    if f"def check_{name}(" not in check.source:
        found.append(f"the check cell does not define check_{name}()")
    for role, cell in (("check", check), ("solution", solution)):
        if f"attempt(check_{name})" not in cell.source:
            found.append(f"the {role} cell does not call attempt(check_{name})")
    if not NOT_YET.fullmatch(_printed(check)):
        found.append(f"the check must print 'Not yet: …' on the stub, not {_printed(check)!r}")
    if _printed(solution) != "Right.\n":
        found.append(f"the solution must print 'Right.', not {_printed(solution)!r}")
    return found


def _printed(cell: NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)

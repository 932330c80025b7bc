"""Checks of what the cells of a chapter put out."""

import ast
import base64
import re

from nbformat import NotebookNode

from tools.notebooks.book import Book, code_cells, markdown_cells, tags

PICTURE_BYTES = 100_000
PICTURES = ("image/png", "image/jpeg", "image/svg+xml", "image/gif", "image/webp")
SHOWING = ("print", "show", "attempt", "judge", "tally", "display")
MARKDOWN_PICTURE = re.compile(r"!\[(.*?)\]\(|<img\b([^>]*)>", re.S)
DIRECTIVE_PICTURE = re.compile(r"^([`:]{3,})\{(?:image|figure)\}(.*?)^\1\s*$", re.M | re.S)


def execution_counts(notebook: NotebookNode, _: Book) -> list[str]:
    """The counts are 1, 2, 3, …: the cells ran once, in order, from a fresh kernel."""
    found = [cell.execution_count for _, cell in code_cells(notebook)]
    if found == list(range(1, len(found) + 1)):
        return []
    return [f"execution counts are {found}, not 1 to {len(found)}; run the chapter again"]


def outputs_present(notebook: NotebookNode, _: Book) -> list[str]:
    """A cell that prints, draws or ends with a value has an output."""
    return [
        f"cell {place}: {shown} puts something out, but nothing is stored; run the chapter again"
        for place, cell in code_cells(notebook)
        if not cell.outputs
        for shown in _showing(cell.source)[:1]
    ]


def _showing(source: str) -> list[str]:
    """The statements of a cell that put something out whatever they meet."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    values = [statement.value for statement in body if isinstance(statement, ast.Expr)]
    calls = [value for value in values if isinstance(value, ast.Call)]
    shown: list[ast.expr] = [call for call in calls if _called(call) in SHOWING]
    if body and isinstance(body[-1], ast.Expr) and values[-1:] != calls[-1:]:
        shown.append(values[-1])
    return [ast.unparse(value) for value in shown]


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def no_errors(notebook: NotebookNode, _: Book) -> list[str]:
    """No cell ends in an error, unless its tag says that this is the lesson."""
    return [
        f"cell {place}: ends in {output.ename}: {output.evalue}"
        for place, cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "error" and "raises-exception" not in tags(cell)
    ]


def no_stderr(notebook: NotebookNode, _: Book) -> list[str]:
    """Nothing is written to stderr: no warnings, no progress bars."""
    return [
        f"cell {place}: writes to stderr: {output.text.strip().splitlines()[-1:]}"
        for place, cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def alternative_text(notebook: NotebookNode, _: Book) -> list[str]:
    """Every picture says in words what it shows."""
    found = [
        f"cell {place}: puts out a picture without metadata mystnb.image.alt"
        for place, cell in code_cells(notebook)
        if any(kind in output.get("data", {}) for output in cell.outputs for kind in PICTURES)
        and not cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
    ]
    for place, cell in markdown_cells(notebook):
        for match in MARKDOWN_PICTURE.finditer(cell.source):
            html = match[2]
            alt = re.search(r"alt=\"\s*[^\"\s]", html) if html is not None else match[1].strip()
            if not alt:
                found.append(f"cell {place}: a picture without alternative text: {match[0]}")
        for match in DIRECTIVE_PICTURE.finditer(cell.source):
            if not re.search(r"^:alt:\s*\S", match[2], re.M):
                found.append(f"cell {place}: an image or figure directive without :alt:")
    return found


def small_pictures(notebook: NotebookNode, _: Book) -> list[str]:
    """A stored picture has at most 100 kB."""
    return [
        f"cell {place}: a picture of {size // 1000} kB; at most {PICTURE_BYTES // 1000} kB"
        for place, cell in code_cells(notebook)
        for output in cell.outputs
        if (size := len(base64.b64decode(output.get("data", {}).get("image/png", ""))))
        > PICTURE_BYTES
    ]

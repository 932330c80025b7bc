"""Every check that a chapter passes before it is part of the book.

A check takes a notebook and the book it belongs to, and returns a list of problems, one sentence
each; the notebook is left as it is.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from nbformat import NotebookNode

from tools.notebooks import check_code, check_form, check_outputs, check_prose
from tools.notebooks.book import Book, read_notebook

Check = Callable[[NotebookNode, Book], list[str]]

CHECKS: Mapping[str, Check] = {
    "execution counts": check_outputs.execution_counts,
    "outputs present": check_outputs.outputs_present,
    "no errors": check_outputs.no_errors,
    "no stderr": check_outputs.no_stderr,
    "alternative text": check_outputs.alternative_text,
    "small pictures": check_outputs.small_pictures,
    "normal form": check_form.normal_form,
    "opening": check_form.opening,
    "tags": check_form.known_tags,
    "header": check_form.header,
    "setup": check_form.setup,
    "no absolute paths": check_form.no_absolute_paths,
    "no trailing semicolons": check_code.no_trailing_semicolons,
    "package cells": check_code.package_cells,
    "tied equations": check_code.tied_equations,
    "exercises": check_code.exercises,
    "typed numbers": check_prose.typed_numbers,
    "result marks": check_prose.result_marks,
    "table headings": check_prose.table_headings,
}


def problems(path: Path, book: Book) -> list[str]:
    """Every problem of the chapter at `path`, with the file's and the check's name."""
    notebook = read_notebook(path)
    where = path.relative_to(book.root) if path.is_relative_to(book.root) else path
    return [
        f"{where}: {problem} [{name}]"
        for name, check in CHECKS.items()
        for problem in check(notebook, book)
    ]

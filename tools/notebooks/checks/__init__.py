"""Every check that a chapter passes before it is part of the book.

A check takes a notebook and the book it belongs to, and returns a list of problems, one sentence
each; the notebook is left as it is.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from nbformat import NotebookNode

from tools.notebooks.book import Book, read_notebook
from tools.notebooks.checks import code, form, length, outputs, prose

Check = Callable[[NotebookNode, Book], list[str]]

CHECKS: Mapping[str, Check] = {
    "execution counts": outputs.execution_counts,
    "outputs present": outputs.outputs_present,
    "no errors": outputs.no_errors,
    "no stderr": outputs.no_stderr,
    "alternative text": outputs.alternative_text,
    "small pictures": outputs.small_pictures,
    "normal form": form.normal_form,
    "opening": form.opening,
    "tags": form.known_tags,
    "header": form.header,
    "setup": form.setup,
    "length": length.short_enough,
    "no absolute paths": form.no_absolute_paths,
    "no trailing semicolons": code.no_trailing_semicolons,
    "package cells": code.package_cells,
    "tied equations": code.tied_equations,
    "exercises": code.exercises,
    "typed numbers": prose.typed_numbers,
    "result marks": prose.result_marks,
    "table headings": prose.table_headings,
    "doubled backslashes": prose.doubled_backslashes,
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

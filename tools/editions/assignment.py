"""An assignment: chapters without solutions, to be handed in and graded.

`python -m tools.editions.assignment CHAPTER…` writes `_build/assignment/PART/CHAPTER.ipynb`. What
a lecturer changed there is not written again, as in a reader's copy.
"""

import argparse
import ast
import copy
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from mmbook.command_line import reported
from tools.editions.chapter import DIRECTIVE, Exercise, exercises, role
from tools.editions.reader import renew
from tools.editions.solutions import without_solutions
from tools.editions.student import plain_chapter
from tools.notebooks.book import Book, read_notebook

# A link to another notebook of the edition.
ELSEWHERE = re.compile(r"\[(?P<text>[^\]]*)\]\((?!https?:)[^()\s]*\.ipynb[^()\s]*\)")
STUDENT = 'student = {"name": "", "id": ""}'
FIRST = "**Before you begin:** write your name and number between the quotes of the next cell."
KEPT_BACK = """\
# The check of this exercise holds its answer, so it is kept back.
# It is run when your notebook is graded."""


def points(exercise: Exercise) -> int:
    """What an exercise is worth: `mmbook.points` in the metadata of its check, or 1."""
    return int(exercise.check.metadata["mmbook"].get("points", 1))


def kept_back(exercise: Exercise) -> bool:
    """Whether a student gets the exercise without its check.

    A check that calls the answer states properties and may be read; one that compares a value,
    such as a table to fill in, holds what is asked for. `mmbook.kept_back` in the metadata of the
    check decides otherwise.
    """
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body = ast.parse(exercise.stub.source).body
    called = {node.name for node in body if isinstance(node, functions)}
    value = any(answer not in called for answer in exercise.answers)
    return bool(exercise.check.metadata["mmbook"].get("kept_back", value))


def assignment(notebook: NotebookNode, chapter: str) -> NotebookNode:
    """The student's copy of a chapter; `chapter` is its name, as in mathematics/attention.

    Solutions and the answers of pencil exercises are gone, each title says its points, and a cell
    asks for the name. Tags and metadata, which the grader reads, stay.
    """
    found = exercises(notebook)
    hidden = {one.name for one in found if kept_back(one)}
    titles = {one.label: points(one) for one in found}
    made = without_solutions(copy.deepcopy(notebook))
    made.cells = list(_with_checks(made.cells, hidden))
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = _with_points(cell.source, titles)
    made.cells[1:1] = [
        new_markdown_cell(FIRST, id="before"),
        new_code_cell(STUDENT, id="student", metadata={"tags": ["student"]}),
    ]
    made.metadata.setdefault("mmbook", NotebookNode())["chapter"] = chapter
    return made


def _with_checks(cells: Sequence[NotebookNode], hidden: set[str]) -> Iterator[NotebookNode]:
    """The cells, where the checks of the exercises `hidden` are kept back and not counted."""
    counted = _counted(cells, hidden)
    for cell in cells:
        part = role(cell)
        if part == "check" and cell.metadata["mmbook"]["exercise"] in hidden:
            cell.source, cell.outputs, cell.execution_count = KEPT_BACK, [], None
        if part in ("exercises", "tally"):
            if not counted:
                continue
            cell.source = _counting(cell.source, counted)
            if hidden:
                cell.outputs, cell.execution_count = [], None
        yield cell


def _counted(cells: Sequence[NotebookNode], hidden: set[str]) -> list[str]:
    """The names of the exercises that a student's own tally counts."""
    names = [cell.metadata["mmbook"]["exercise"] for cell in cells if role(cell) == "exercise"]
    return [name for name in names if name not in hidden]


def _counting(source: str, names: Sequence[str]) -> str:
    """A cell in which `Exercises(...)` counts `names` alone."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Exercises":
            call = ast.get_source_segment(source, node) or ""
            listed = ", ".join(f'"{name}"' for name in names)
            return source.replace(call, f"Exercises({listed})")
    return source


def _with_points(source: str, titles: dict[str, int]) -> str:
    """Markdown in which the title of each graded exercise says its points."""

    def said(match: re.Match[str]) -> str:
        worth = titles.get(match["label"] or "")
        if worth is None:
            return match[0]
        title = f"{match['title'].rstrip()} ({worth} point{'' if worth == 1 else 's'})"
        return match[0].replace(match["title"], title, 1)

    return DIRECTIVE.sub(said, source)


def name_of(path: Path, book: Book) -> str:
    """The chapter's name, as in `_toc.yml` but without the folder: mathematics/attention.

    Raises `ValueError` for a notebook that is no chapter.
    """
    if path not in book.chapters():
        raise ValueError(f"{path} is no chapter of the book; give one like mathematics/attention")
    return path.relative_to(book.root / "chapters").with_suffix("").as_posix()


def assignment_file(path: Path, book: Book) -> dict[str, bytes]:
    """The student's copy of the chapter at `path`, in plain Markdown, by the name of its file.

    Links to other pages, which the student may not have, become their text. Raises `ValueError`
    for a chapter without exercises.
    """
    name, notebook = name_of(path, book), read_notebook(path)
    if not exercises(notebook):
        raise ValueError(f"{name} has no exercises that can be graded")
    made = plain_chapter(assignment(notebook, name), path, book)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = ELSEWHERE.sub(lambda link: link["text"], cell.source)
    return {f"{name}.ipynb": f"{nbformat.writes(made)}\n".encode()}


def summary(notebook: NotebookNode) -> str:
    """How many exercises and points a chapter has, and whose checks are kept back."""
    found = exercises(notebook)
    back = ", ".join(one.name for one in found if kept_back(one))
    worth = sum(points(one) for one in found)
    return f"{len(found)} exercises, {worth} points" + (
        f"; checks kept back: {back}" if back else ""
    )


@reported
def main(words: list[str], book: Book | None = None) -> int:
    """Write the assignment that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tools.editions.assignment")
    parser.add_argument("chapters", nargs="+", help="such as mathematics/attention")
    parser.add_argument("--folder", type=Path, default=Path("_build/assignment"))
    options = parser.parse_args(words)
    book = book or Book()
    paths = [path for name in options.chapters for path in book.find(name)]
    made = {path: assignment_file(path, book) for path in dict.fromkeys(paths)}
    for path, files in made.items():
        for changed in renew(files, options.folder):
            print(changed)
        (name,) = files
        print(f"{options.folder / name}: {summary(read_notebook(path))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

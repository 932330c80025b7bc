"""Read what students handed in; nothing of it is run here."""

import ast
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.editions.chapter import role

LARGEST_MB = 50
TABLE = "grades.csv"


@dataclass
class Submission:
    """What one student handed in: a notebook, or a folder of notebooks.

    `chapters` holds the code cells of each notebook by the chapter's name; `problems` says what
    could not be read.
    """

    name: str
    student: str = ""
    number: str = ""
    chapters: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_submissions(folder: Path, book: Mapping[str, NotebookNode]) -> list[Submission]:
    """Every entry of `folder` but hidden ones and the table, in order of their names.

    `book` are the chapters that are graded, by name. Raises `ValueError` where nothing is there.
    """
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; give the one that holds the submissions")
    entries = [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith((".", "__")) and path.name != TABLE
    ]
    if not entries:
        raise ValueError(f"{folder} is empty; put a notebook, or a folder of them, a student in it")
    sources = {name: _own_sources(notebook) for name, notebook in book.items()}
    found = [_submission(entry, sources) for entry in entries]
    _name_twins(found)
    return found


def _own_sources(notebook: NotebookNode) -> set[str]:
    """The code by which a chapter is recognised: all but what every chapter has."""
    common = ("setup", "exercises", "tally")
    return {
        cell.source.strip()
        for cell in notebook.cells
        if cell.cell_type == "code" and role(cell) not in common
    }


def _submission(entry: Path, sources: Mapping[str, set[str]]) -> Submission:
    found = Submission(entry.name)
    files = [entry]
    if entry.is_dir() and not entry.is_symlink():
        files = sorted(path for path in entry.rglob("*") if _is_notebook(path, entry))
        if not files:
            found.problems.append("there is no notebook in this folder")
    for file in files:
        try:
            _add(found, file, sources)
        except ValueError as error:
            found.problems.append(f"{file.name}: {error}")
    return found


def _is_notebook(path: Path, folder: Path) -> bool:
    """Whether a path below a student's folder counts: programs add hidden files of their own."""
    hidden = any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    return path.suffix.lower() == ".ipynb" and not hidden and not path.is_dir()


def _add(found: Submission, file: Path, sources: Mapping[str, set[str]]) -> None:
    named, cells = _read(file)
    chapter = named if named in sources else _likest(cells, sources)
    if chapter in found.chapters:
        raise ValueError(f"a second notebook of {chapter}; the first in order of names counts")
    found.chapters[chapter] = cells
    name, number = _student(cells)
    found.student, found.number = found.student or name, found.number or number


def _read(file: Path) -> tuple[str, list[str]]:
    """The chapter that a notebook says it is, if it does, and its code cells.

    Raises `ValueError` saying in one line why it is no notebook.
    """
    if file.is_symlink() or not file.is_file():
        raise ValueError("no file of its own, but a link or something else")
    if file.suffix.lower() != ".ipynb":
        raise ValueError("not a notebook (.ipynb)")
    size = file.stat().st_size
    if size > LARGEST_MB * 2**20:
        raise ValueError(f"{size / 2**20:.0f} MB, where a notebook has at most {LARGEST_MB}")
    if not size:
        raise ValueError("an empty file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ids that other programs do not write
            notebook = nbformat.reads(file.read_text(encoding="utf-8-sig"), as_version=4)
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        record = notebook.metadata.get("mmbook", {})
        named = record.get("chapter", "") if isinstance(record, Mapping) else ""
    except Exception as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0][:100]
        raise ValueError(f"damaged, no notebook can be read from it ({said})") from None
    if not all(isinstance(cell, str) for cell in cells):
        raise ValueError("damaged, a cell holds no text")
    return str(named), cells


def _likest(cells: Sequence[str], sources: Mapping[str, set[str]]) -> str:
    """The chapter that shares most code with the cells."""
    own = {cell.strip() for cell in cells}
    best = max(sources, key=lambda name: len(own & sources[name]))
    if not own & sources[best]:
        raise ValueError(f"shares no code with {' or '.join(sources)}")
    return best


def _student(cells: Sequence[str]) -> tuple[str, str]:
    """The name and number in the cell that asks for them; empty where nothing is written."""
    for cell in cells:
        if "student" not in cell or len(cell) > 1000:
            continue
        try:
            for statement in ast.parse(cell).body:
                _, given, value = ast.unparse(statement).partition("student = ")
                if given:
                    said = ast.literal_eval(value)
                    return str(said["name"]).strip(), str(said["id"]).strip()
        except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
            continue
    return "", ""


def _name_twins(found: Sequence[Submission]) -> None:
    """Say where two submissions bear the same number, or the same name without a number."""
    first: dict[str, str] = {}
    for one in found:
        key = one.number or one.student
        if key and first.setdefault(key, one.name) != one.name:
            one.problems.append(f"{key} also handed in {first[key]}")

"""Keep notebooks and pages in step with the package, the results and the repository's address."""

import copy
from pathlib import Path

from nbformat import NotebookNode

from tools.address import fill_address
from tools.notebooks.book import (
    Book,
    code_cells,
    markdown_cells,
    read_notebook,
    tags,
    write_notebook,
    write_text,
)
from tools.notebooks.folding import fold_exercises
from tools.notebooks.header import reading_minutes, with_reading_line
from tools.notebooks.listings import fill_listings
from tools.notebooks.results import fill_results
from tools.notebooks.setup_cell import setup_source
from tools.notebooks.source import object_source
from tools.teaching.contents import fill_contents
from tools.teaching.graph import PICTURE, draw
from tools.teaching.plans import fill_plans
from tools.teaching.workload import workloads


def sync_notebook(notebook: NotebookNode, book: Book) -> None:
    """Write into `notebook`, in place, what comes from elsewhere.

    Cells tagged `mmbook` get the source of their object, `setup` cells the generated source, marked
    numbers their values, and the header the length of the text; checks and solutions are folded.
    Raises `ValueError` naming the cell whose source does not exist.
    """
    fold_exercises(notebook)
    for place, cell in code_cells(notebook):
        if "mmbook" in tags(cell):
            name = cell.metadata.get("mmbook", {}).get("object")
            if not name:
                raise ValueError(f"cell {place}: tagged mmbook, without metadata mmbook.object")
            try:
                cell.source = object_source(book.root, name)
            except ValueError as error:
                raise ValueError(f"cell {place}: {error}") from None
        elif "setup" in tags(cell):
            cell.source = setup_source(book.repository)
    for place, cell in markdown_cells(notebook):
        try:
            cell.source = fill_results(cell.source, book.root / "results")
            cell.source = fill_listings(cell.source, book.root)
        except ValueError as error:
            raise ValueError(f"cell {place}: {error}") from None
        if "header" in tags(cell):
            cell.source = with_reading_line(cell.source, reading_minutes(notebook))


def sync_text(text: str, book: Book) -> str:
    """The text of a page with its numbers, address and contents filled in, but not its tables."""
    filled = fill_results(fill_contents(text, book.root), book.root / "results")
    return fill_address(filled, book.repository)


def sync_book(book: Book, check: bool = False) -> list[Path]:
    """Bring every chapter and page up to date; with `check`, only say which are stale.

    Returns the files that were (or are) stale. Raises `ValueError` naming the file whose marks
    cannot be filled.
    """
    stale = []
    for path in book.chapters():
        notebook = read_notebook(path)
        before = copy.deepcopy(notebook)
        _naming(path, lambda notebook=notebook: sync_notebook(notebook, book))
        if notebook != before:
            stale.append(path)
            if not check:
                write_notebook(notebook, path)
    for path in book.documents():
        text = path.read_text(encoding="utf-8")
        filled = _naming(
            path, lambda text=text, path=path: fill_plans(sync_text(text, book), book, path)
        )
        stale += _stale(path, text, filled, check)
    picture = book.root / PICTURE
    if picture.is_file():
        drawn = draw(workloads(book))
        stale += _stale(picture, picture.read_text(encoding="utf-8"), drawn, check)
    return stale


def _stale(path: Path, text: str, made: str, check: bool) -> list[Path]:
    """The file if its text is not what was made; unless `check`, write that."""
    if made == text:
        return []
    if not check:
        write_text(made, path)
    return [path]


def _naming(path: Path, action):
    """Run `action`, adding the file's name to what it raises."""
    try:
        return action()
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None

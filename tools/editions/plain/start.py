"""The notebook START: every chapter in its order, with its time and what it asks of the reader."""

import re
from itertools import groupby

import yaml
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from tools.editions.plain.contents import Page
from tools.editions.plain.references import References
from tools.editions.plain.targets import Targets, relative
from tools.editions.plain.texts import Plain
from tools.notebooks.book import Book, tags
from tools.notebooks.header import reading_minutes

NEED = re.compile(r"^(?:\*\*)?You need(?:\*\*)? +(?P<what>.+?)(?=\n\n|\n:::|\Z)", re.M | re.S)
WELCOME = """\
# {title}: start here

Open the chapters in this order, from the links below.
Run a cell with Shift + Enter, or a whole chapter with *Run All*.
The outputs that you see were stored when the book was made.

An exercise is a cell to fill in and a check below it.
Run both, and the check says "Right." or what is still missing, and in which line of yours.
The solution is at the end of the chapter, folded.
The tally below the exercises counts what is right.

If `make lab` opened this, the folder `my-copy` is yours: what you change in it is kept.
When the book is renewed, so are the chapters that you did not change."""


def start_notebook(
    book: Book,
    pages: list[Page],
    parser: MarkdownIt,
    targets: Targets,
    references: References,
) -> NotebookNode:
    """START, with a cell for each part of the book."""
    settings = yaml.safe_load((book.root / "_config.yml").read_text(encoding="utf-8"))
    start = Page("START", book.root, "", None)
    texts = [WELCOME.format(title=settings.get("title", "The book"))]
    for part, chapters in groupby(pages, lambda page: page.part):
        entries = [
            _entry(page, Plain(book.root, page, parser, targets, references, reader=start))
            for page in chapters
        ]
        texts.append("\n\n".join([f"## {part}", *entries] if part else entries))
    cells = [new_markdown_cell(text, id=f"start-{n}") for n, text in enumerate(texts)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _entry(page: Page, plain: Plain) -> str:
    """A page's number, title, time, promise and prerequisites, as far as it has them."""
    assert plain.reader is not None
    title = plain.text(plain.targets.pages[page.name].text)
    number = "" if page.number is None else f"{page.number}. "
    line = f"**{number}[{title}]({relative(page.file, plain.reader)})**"
    if not page.is_notebook:
        return line
    notebook = page.notebook()
    if page.number is not None:
        line += f" · {_times(notebook)}"
    lines = [line]
    first, *_ = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    promise = first.split("\n\n")[1:2]
    headers = [cell.source for cell in notebook.cells if "header" in tags(cell)]
    needs = [found["what"] for text in headers if (found := NEED.search(text))]
    lines += [plain.text(text) for text in promise]
    lines += [f"*You need* {plain.text(text)}" for text in needs]
    return "  \n".join(text.replace("\n", " ") for text in lines)


def _times(notebook: NotebookNode) -> str:
    minutes, record = reading_minutes(notebook), notebook.metadata.get("mmbook", {})
    reading = f"{minutes} minute{'' if minutes == 1 else 's'} to read"
    return f"{reading}, {record['seconds']:.0f} s to run" if "seconds" in record else reading

"""The student's edition: `python -m tools.editions.student [FOLDER]`, by default `_build/student`.

With `--validate [CHAPTER ...]` nothing is left there: its notebooks are executed and compared.

Every page of the book as a notebook in plain Markdown, which reads well in Colab, JupyterLab, VS
Code and on GitHub, and a notebook START that leads to all of them. Code and outputs are the
chapters', unchanged.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from mmbook.command_line import reported
from tools.editions.plain.contents import Page, read_contents
from tools.editions.plain.myst import myst_parser
from tools.editions.plain.references import References
from tools.editions.plain.start import start_notebook
from tools.editions.plain.targets import find_targets
from tools.editions.plain.texts import Plain
from tools.notebooks.book import REPOSITORY, Book, tags
from tools.notebooks.validate import validate

FOLDER = Path("_build/student")
START = "START.ipynb"


def student_edition(book: Book) -> dict[str, bytes]:
    """The files of the edition, notebooks and the pictures that they show, with their contents.

    Raises `ValueError` naming chapter, cell and line of what has no plain form.
    """
    pages, parser = read_contents(book.root), myst_parser(book.root)
    targets, references = find_targets(pages, parser), References(book.root / "references.bib")
    notebooks = {START: start_notebook(book, pages, parser, targets, references)}
    pictures = {}
    for page in pages:
        plain = Plain(book.root, page, parser, targets, references)
        notebooks[page.file] = plain_notebook(page, plain)
        pictures |= plain.shown
    files = {name: f"{nbformat.writes(it)}\n".encode() for name, it in notebooks.items()}
    return files | {name: path.read_bytes() for name, path in pictures.items()}


def plain_chapter(notebook: NotebookNode, path: Path, book: Book) -> NotebookNode:
    """A changed copy of the chapter at `path` in plain Markdown, numbered as in the whole book.

    Raises `ValueError` as `student_edition` does, and where the book has no such chapter.
    """
    pages, parser = read_contents(book.root), myst_parser(book.root)
    page = next((page for page in pages if page.path == path), None)
    if page is None:
        raise ValueError(f"{path} is not in _toc.yml")
    targets, references = find_targets(pages, parser), References(book.root / "references.bib")
    return plain_notebook(page, Plain(book.root, page, parser, targets, references), notebook)


def plain_notebook(page: Page, plain: Plain, notebook: NotebookNode | None = None) -> NotebookNode:
    """A page as a notebook in plain Markdown, with a list of what it cites at its end.

    `notebook` is a changed copy of the page's, if that is to be turned.
    """
    if notebook is None:
        notebook = page.notebook() if page.is_notebook else _notebook_of_text(page, plain.parser)
    line = 1
    for place, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            where = f"{page.path}, cell {place}, " if page.is_notebook else f"{page.path}, "
            source = cell.source
            try:
                cell.source = plain.text(source, line)
            except ValueError as error:
                raise ValueError(f"{where}{error}") from None
            line += 0 if page.is_notebook else len(source.split("\n"))
        else:
            fold(cell)
    if plain.cited:
        text = f"## References\n\n{plain.references.listed(list(plain.cited))}"
        notebook.cells.append(new_markdown_cell(text, id="references"))
    return notebook


def fold(cell: NotebookNode) -> None:
    """Fold a cell in JupyterLab, VS Code and Colab where the site folds it."""
    for part, names in (
        ("source_hidden", ("hide-input", "hide-cell")),
        ("outputs_hidden", ("hide-output", "hide-cell")),
    ):
        if any(name in tags(cell) for name in names):
            cell.metadata.setdefault("jupyter", {})[part] = True
            if part == "source_hidden":
                cell.metadata["cellView"] = "form"


def _notebook_of_text(page: Page, parser: MarkdownIt) -> NotebookNode:
    """A page of text with a cell for each section; its lines are those of the page, in order."""
    (text,) = page.texts()
    starts, label = [], None
    for token in parser.parse(text):
        if token.level == 0 and token.map and token.type.endswith(("_open", "_target")):
            if token.type == "heading_open" and token.tag == "h2":
                starts.append(token.map[0] if label is None else label)
            label = token.map[0] if token.type == "myst_target" else None
    lines = text.split("\n")
    ends = [*starts, len(lines)]
    parts = ["\n".join(lines[a:b]) for a, b in zip([0, *starts], ends, strict=True)]
    stem = page.path.stem
    cells = [new_markdown_cell(part, id=f"{stem}-{n}") for n, part in enumerate(parts, 1)]
    return new_notebook(cells=cells, metadata=KERNEL)


KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def write_edition(book: Book, folder: Path) -> None:
    """Write the edition into `folder`."""
    for name, contents in student_edition(book).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)


def validate_edition(book: Book, names: Sequence[str] = (), processes: int = 2) -> int:
    """Execute notebooks of the edition, each alone in an empty folder; all where none is named.

    0 where every output is the stored one, which is the chapter's; no network can be reached.
    Raises `ValueError` naming a notebook that the edition lacks, and as `student_edition` does.
    """
    files = student_edition(book)
    with_code = [page.file for page in read_contents(book.root) if page.is_notebook]
    chosen = [f"{name}.ipynb" for name in names] or with_code
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name.removesuffix(".ipynb"), Path(name).name) for name in chosen]
        for name, path in zip(chosen, paths, strict=True):
            if name not in files:
                raise ValueError(f"the edition has no notebook {name.removesuffix('.ipynb')!r}")
            path.parent.mkdir(parents=True)
            path.write_bytes(files[name])
        return validate(paths, processes)


@reported
def main(words: list[str]) -> int:
    """Write the edition from the command line, or execute it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / FOLDER)
    parser.add_argument(
        "--validate",
        nargs="*",
        metavar="CHAPTER",
        help="execute its notebooks, or some, each in an empty folder, and compare the outputs",
    )
    parser.add_argument("-n", "--processes", type=int, default=2, help="at a time, to validate")
    options = parser.parse_args(words)
    if options.validate is not None:
        return validate_edition(Book(), options.validate, options.processes)
    folder = options.folder
    write_edition(Book(), folder)
    print(f"The student's edition: {folder / START}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

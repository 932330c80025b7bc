"""Where the parts of the book lie, and how a notebook is read and written."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import address

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Book:
    """A folder that holds the package, the chapters, the results and `_config.yml`."""

    root: Path = REPOSITORY

    @property
    def repository(self) -> str:
        """The address of the repository, from `_config.yml`; empty where it has none."""
        return address.stored_address(self.root)

    def chapters(self) -> list[Path]:
        """Every notebook of the book."""
        return address.notebooks(self.root / "chapters")

    def documents(self) -> list[Path]:
        """Every text file whose marked parts are filled in by `sync`."""
        return address.documents(self.root)

    def find(self, name: str) -> list[Path]:
        """Notebooks that `name` stands for: a file, a folder, or a chapter as in `_toc.yml`.

        `chapters/background/x.ipynb`, `background/x` and `chapters/background` all work. Raises
        `ValueError` where there is nothing of that name.
        """
        for base in (Path.cwd(), self.root, self.root / "chapters"):
            path = base / name
            if path.is_dir() and (found := address.notebooks(path)):
                return found
            for file in (path, path.with_name(path.name + ".ipynb")):
                if file.is_file():
                    return [file]
        raise ValueError(f"no chapter {name!r}; give one like background/multimodal-models")


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook, in the current format."""
    return nbformat.read(path, as_version=4)


def write_notebook(notebook: NotebookNode, path: Path) -> bool:
    """Write a notebook where its text differs from the file's; say whether it did."""
    return write_text(nbformat.writes(notebook) + "\n", path)


def write_text(text: str, path: Path) -> bool:
    """Write `text` where it differs from the file's; say whether it did."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def write_whole(contents: bytes, path: Path) -> None:
    """Write a file, and the folders above it, so that at no moment half of it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{os.getpid()}.part")
    try:
        half.write_bytes(contents)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def code_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """The code cells with their places in the notebook, from 1."""
    return (
        (place, cell) for place, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"
    )


def markdown_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """The markdown cells with their places in the notebook, from 1."""
    return (
        (place, cell)
        for place, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "markdown"
    )


def code_sha256(notebook: NotebookNode) -> str:
    """The digest of the code that is measured: every code cell but the generated setup."""
    digest = hashlib.sha256()
    for _, cell in code_cells(notebook):
        if "setup" not in tags(cell):
            digest.update(cell.source.encode() + b"\0")
    return digest.hexdigest()

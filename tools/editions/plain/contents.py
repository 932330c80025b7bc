"""The pages of the book in the order of `_toc.yml`, with the numbers that the site gives them."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from nbformat import NotebookNode

from tools.notebooks.book import read_notebook


@dataclass(frozen=True)
class Page:
    """A chapter, or a page of text, of one part of the book.

    `name` is as in `_toc.yml`; `number` is None where the part is not numbered.
    """

    name: str
    path: Path
    part: str
    number: int | None

    @property
    def is_notebook(self) -> bool:
        """Whether the page has cells of its own."""
        return self.path.suffix == ".ipynb"

    @property
    def file(self) -> str:
        """Where the page lies in an edition of notebooks: below `chapters`, as a notebook."""
        return f"{self.name.removeprefix('chapters/')}.ipynb"

    def notebook(self) -> NotebookNode:
        """The page's notebook as it is stored."""
        return read_notebook(self.path)

    def texts(self) -> list[str]:
        """The Markdown of the page: of each cell, or of the file."""
        if not self.is_notebook:
            return [self.path.read_text(encoding="utf-8")]
        return [cell.source for cell in self.notebook().cells if cell.cell_type == "markdown"]


def read_contents(root: Path) -> list[Page]:
    """Every page but the first one. Raises `ValueError` naming a page that has no file."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = contents.get("parts") or [{"caption": "", "chapters": contents["chapters"]}]
    pages: list[Page] = []
    for part in parts:
        for entry in part["chapters"]:
            numbers = [page.number for page in pages if page.number is not None]
            number = len(numbers) + 1 if part.get("numbered", True) else None
            pages.append(Page(entry["file"], _file(root, entry["file"]), part["caption"], number))
    return pages


def _file(root: Path, name: str) -> Path:
    for suffix in (".ipynb", ".md"):
        if (root / f"{name}{suffix}").is_file():
            return root / f"{name}{suffix}"
    raise ValueError(f"_toc.yml names {name}, of which there is no .ipynb and no .md")

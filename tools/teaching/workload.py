"""What each numbered chapter takes, and which chapters come before it: read from the chapters."""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from nbformat import NotebookNode

from tools.editions.chapter import exercises, role
from tools.notebooks.book import Book, code_cells, read_notebook, tags
from tools.notebooks.header import reading_minutes

# How long students take is assumed; nobody has measured it.
LINES_A_MINUTE = 20
MINUTES_AN_EXERCISE = 15
NEED = re.compile(r"You need\b.*?(?=\n\s*\n|\n:{3}|\Z)", re.S)
LINK = re.compile(r"\{doc\}`(?:[^`<]*<)?([^`<>]+)>?`|\[[^\]]*\]\(([^)#]+)\)")


@dataclass(frozen=True)
class Workload:
    """A chapter: `needs` are names of earlier chapters, `text` and `code` are minutes of reading.

    `name` is as in `mathematics/convolution`; `run` is the measured time in seconds.
    """

    name: str
    part: str
    text: int
    code: int
    run: float
    exercises: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name of the chapter's file in words."""
        return Path(self.name).name.replace("-", " ").capitalize()

    @property
    def reading(self) -> int:
        """Minutes for the text and the code."""
        return self.text + self.code

    @property
    def minutes(self) -> int:
        """Minutes for the text, the code and the exercises."""
        return self.reading + MINUTES_AN_EXERCISE * len(self.exercises)


def spent(minutes: float) -> str:
    """Minutes as `45 min`, to five; from two hours on as hours to a half, such as `9½ h`."""
    if minutes < 120:
        return f"{5 * max(1, round(minutes / 5))}\u00a0min"
    halves = round(minutes / 30)
    return f"{halves // 2}{'½' if halves % 2 else ''}\u00a0h"


def workloads(book: Book) -> list[Workload]:
    """Every numbered chapter in the order of `_toc.yml`.

    Raises `ValueError` naming the chapter that has no header or whose exercises are malformed.
    """
    contents = yaml.safe_load((book.root / "_toc.yml").read_text(encoding="utf-8"))
    found: list[Workload] = []
    for part in contents["parts"]:
        for entry in part["chapters"] if part.get("numbered", True) else []:
            name = entry["file"].removeprefix("chapters/")
            earlier = [chapter.name for chapter in found]
            notebook = read_notebook(book.root / "chapters" / f"{name}.ipynb")
            found.append(_workload(name, part["caption"], notebook, earlier))
    return found


def _workload(name: str, part: str, notebook: NotebookNode, earlier: list[str]) -> Workload:
    headers = [cell.source for cell in notebook.cells if "header" in tags(cell)]
    record = notebook.metadata.get("mmbook", {})
    if len(headers) != 1 or "seconds" not in record:
        raise ValueError(f"{name}: it has no header box, or was never measured; run make run")
    lines = sum(
        len([line for line in cell.source.splitlines() if line.strip()])
        for _, cell in code_cells(notebook)
        if role(cell) in ("code", "definition")
    )
    try:
        titles = tuple(exercise.title for exercise in exercises(notebook))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return Workload(
        name,
        part,
        text=reading_minutes(notebook),
        code=round(lines / LINES_A_MINUTE),
        run=record["seconds"],
        exercises=titles,
        needs=_needs(name, headers[0], earlier),
    )


def _needs(name: str, header: str, earlier: list[str]) -> tuple[str, ...]:
    """The earlier chapters that the header names where it says what the reader needs."""
    said = NEED.search(header)
    links = ["".join(link) for link in LINK.findall(said[0])] if said else []
    paths = [posixpath.join(posixpath.dirname(name), link.removesuffix(".ipynb")) for link in links]
    named = {posixpath.normpath(path) for path in paths}
    return tuple(chapter for chapter in earlier if chapter in named)

"""Checks of a chapter's form: opening, tags, header, setup cell, stored form."""

import copy
import re

import nbformat
from nbformat import NotebookNode

from tools.notebooks.book import Book, code_cells, code_sha256, tags
from tools.notebooks.header import MARKED, measured_line
from tools.notebooks.normalise import normalise
from tools.notebooks.run import LIMIT_SECONDS
from tools.notebooks.setup_cell import setup_source

OWN_TAGS = {"header", "setup", "mmbook", "measured"}
EXERCISE_TAGS = {"exercises", "exercise", "check", "tally", "solution"}
FOLDED = {
    "check": {"source_hidden": True},
    "solution": {"source_hidden": True, "outputs_hidden": True},
}
PAGE_TAGS = {
    *("hide-input", "hide-output", "hide-cell"),
    *("remove-input", "remove-output", "remove-cell"),
    *("margin", "popout", "full-width", "output_scroll"),
    *("slide", "slide-code", "slide-skip"),
}
NBVAL_TAGS = {"nbval-ignore-output", "nbval-check-output", "raises-exception"}
# A folder of somebody's machine; an address on the web has a word before the slash.
ABSOLUTE = re.compile(
    r"(?<![\w.:/~-])/(?:home|root|Users|work|tmp|content|mnt|opt|usr|var)/[\w./-]*|\b[A-Z]:\\\\?Users"
)


def normal_form(notebook: NotebookNode, _: Book) -> list[str]:
    """The notebook is stored as `run` stores it: valid, without what changes by itself."""
    normal = copy.deepcopy(notebook)
    normalise(normal)
    if normal == notebook:
        return _invalid(normal)
    changed = [
        str(place)
        for place, (a, b) in enumerate(zip(notebook.cells, normal.cells, strict=True), 1)
        if a != b
    ]
    where = f"cells {', '.join(changed)}" if changed else "its metadata"
    return [f"not in its normal form ({where}); run it with make run"]


def _invalid(notebook: NotebookNode) -> list[str]:
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"not a valid notebook: {str(error).splitlines()[0]}"]
    return []


def opening(notebook: NotebookNode, _: Book) -> list[str]:
    """A title, then the header box, then the setup cell, and each of them once."""
    cells = notebook.cells
    found = []
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        found.append("cell 1: is not a markdown cell that starts with the title, '# '")
    for place, kind, tag in ((2, "markdown", "header"), (3, "code", "setup")):
        tagged = [n for n, cell in enumerate(cells, 1) if tag in tags(cell)]
        if tagged != [place] or cells[place - 1].cell_type != kind:
            found.append(f"cell {place}: must be the one {kind} cell tagged {tag}; found {tagged}")
    return found


def known_tags(notebook: NotebookNode, _: Book) -> list[str]:
    """Every tag is one that the tools know, and tags that need each other are together."""
    found = []
    for place, cell in enumerate(notebook.cells, 1):
        own = set(tags(cell))
        for tag in sorted(own - OWN_TAGS - EXERCISE_TAGS - PAGE_TAGS - NBVAL_TAGS):
            found.append(f"cell {place}: unknown tag {tag!r}")
        for tag, needed in (
            ("setup", "hide-input"),
            ("check", "hide-input"),
            ("solution", "hide-cell"),
            ("measured", "nbval-ignore-output"),
        ):
            if tag in own and needed not in own:
                found.append(f"cell {place}: tagged {tag}, so it needs the tag {needed} too")
        for tag in sorted(own & set(FOLDED)):
            if cell.metadata.get("jupyter") != FOLDED[tag]:
                found.append(f"cell {place}: a {tag} is folded in JupyterLab: {FOLDED[tag]}")
        has_object = "object" in cell.metadata.get("mmbook", {})
        if ("mmbook" in own) != has_object:
            found.append(f"cell {place}: the tag mmbook and metadata mmbook.object go together")
    return found


def header(notebook: NotebookNode, _: Book) -> list[str]:
    """The header states what was measured, and what was measured is the code that is here."""
    record = notebook.metadata.get("mmbook", {})
    missing = {"seconds", "peak_memory_mb", "hardware", "code_sha256"} - set(record)
    if missing:
        return [f"metadata mmbook has no {', '.join(sorted(missing))}; run it with make run"]
    found = []
    if record.code_sha256 != code_sha256(notebook):
        found.append("the code changed since it was measured; run it with make run")
    if record.seconds > LIMIT_SECONDS:
        found.append(f"takes {record.seconds:.0f} s; at most {LIMIT_SECONDS} s")
    lines = [m[0] for c in notebook.cells if "header" in tags(c) for m in MARKED.finditer(c.source)]
    if lines != [measured_line(record)]:
        found.append(f"the header must say once: {measured_line(record)}; it says {lines}")
    return found


def setup(notebook: NotebookNode, book: Book) -> list[str]:
    """The setup cell is the generated one."""
    return [
        f"cell {place}: the setup cell differs from the generated one; run make sync"
        for place, cell in code_cells(notebook)
        if "setup" in tags(cell) and cell.source != setup_source(book.repository)
    ]


def no_absolute_paths(notebook: NotebookNode, _: Book) -> list[str]:
    """No text and no output names a folder of the machine it was written on."""
    found = []
    for place, cell in enumerate(notebook.cells, 1):
        texts = [cell.source]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts += [output.get("text", ""), *output.get("traceback", [])]
            texts += [str(value) for kind, value in data.items() if not kind.startswith("image/")]
        for match in (match for text in texts for match in ABSOLUTE.finditer(text)):
            found.append(f"cell {place}: names a folder of one machine: {match[0]}")
    return found

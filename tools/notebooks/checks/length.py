"""Whether a chapter can be read in an evening: its words, its lines of code, its longest cell."""

import re

from nbformat import NotebookNode

from tools.notebooks.book import Book, code_cells, markdown_cells, tags
from tools.notebooks.header import NOT_READ, WORD

WORDS, LINES, CELL_LINES = 3_200, 250, 30
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell", "mmbook"}
FENCE = re.compile(
    r"^(?P<fence>:{3,}|`{3,})\{(?P<kind>[\w-]+)\}.*\n(?P<options>(?::\w[\w-]*:.*\n)*)"
    r"(?P<body>(?s:.*?))^(?P=fence)[ \t]*$",
    re.M,
)
FOLDED = re.compile(r"^:class:.*\bdropdown\b", re.M)


def short_enough(notebook: NotebookNode, _: Book) -> list[str]:
    """What is open on the page, exercises too but no header box, is no longer than allowed."""
    words, cells = open_words(notebook), open_lines(notebook)
    found = []
    if words > WORDS:
        found.append(f"{words} words are open on the page; at most {WORDS}: fold, move or cut some")
    if sum(cells.values()) > LINES:
        found.append(f"{sum(cells.values())} lines of code are open; at most {LINES}")
    long = {place: lines for place, lines in cells.items() if lines > CELL_LINES}
    return found + [
        f"cell {place}: {lines} lines of code are open; at most {CELL_LINES}"
        for place, lines in long.items()
    ]


def open_words(notebook: NotebookNode) -> int:
    """The words of the text that nobody has to open; formulas count as they are written."""
    texts = (c.source for _, c in markdown_cells(notebook) if "header" not in tags(c))
    return sum(len(WORD.findall(NOT_READ.sub(" ", _unfolded(text)))) for text in texts)


def _unfolded(text: str) -> str:
    """Text without what is folded, also inside of other directives, which may stand open."""
    return FENCE.sub(_open, text)


def _open(block: re.Match[str]) -> str:
    """A directive as a reader meets it: nothing where it is folded."""
    folded = block["kind"] == "dropdown" or FOLDED.search(block["options"])
    return "" if folded else _unfolded(block["body"])


def open_lines(notebook: NotebookNode) -> dict[int, int]:
    """The lines of each cell of code that is not folded, without empty ones."""
    return {
        place: sum(bool(line.strip()) for line in cell.source.splitlines())
        for place, cell in code_cells(notebook)
        if not HIDDEN & set(tags(cell))
    }

"""A chapter without its solutions, for what students get before they have solved it."""

import re

from nbformat import NotebookNode

from tools.editions.chapter import role

# An answer in the text: the directive from its opening fence to a line that is that fence again.
ANSWER = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?:solution\b[^\n]*|dropdown\} Show an answer)\n.*?^(?P=fence)$\n*",
    re.M | re.S,
)
SECTION = re.compile(r"^## Solutions$.*?(?=^## |\Z)", re.M | re.S)
# What a page says of solutions, between marks.
WORDS = re.compile(r"<!--solutions-->.*?<!--/solutions-->", re.S)
ENDS_SECTION = re.compile(r"^#{1,2} ", re.M)


def without_solutions(notebook: NotebookNode) -> NotebookNode:
    """A chapter less its solutions: the cells, the section at its end, and the answers in the text.

    The section ends at the next heading of its rank; what follows stays.
    """
    kept, inside = [], False
    for cell in notebook.cells:
        if role(cell) == "solution":
            continue
        if cell.cell_type == "markdown":
            text = ANSWER.sub("", cell.source)
            begins = SECTION.search(text)
            inside = bool(begins) or (inside and not ENDS_SECTION.search(text))
            text = SECTION.sub("", text)
            if (inside and not begins) or not text.strip():
                continue
            # A cell that did not change stays as it is, down to its last line.
            cell = cell if text == cell.source else NotebookNode(cell, source=text.rstrip())
        elif inside:
            continue
        kept.append(cell)
    return NotebookNode(notebook, cells=kept)


def without_words_on_solutions(text: str) -> str:
    """A page less what stands between `<!--solutions-->` and `<!--/solutions-->`."""
    return WORDS.sub("", text)

"""Checks of a chapter's text: no typed results, and marked numbers that equal the results."""

import re

from nbformat import NotebookNode

from tools.notebooks.book import Book, markdown_cells
from tools.notebooks.header import MARKED
from tools.notebooks.results import RESULT, fill_results

# A fence of code is not prose; a fence of a directive (`{exercise}`) is, but for code and math.
CODE_FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?!\{(?!code|math|mermaid)).*?^(?P=fence)\s*$", re.M | re.S
)
CITATION = re.compile(r"\{cite[^}]*\}`[^`]+`")
NOT_PROSE = re.compile(r"\$\$.*?\$\$|(?<![\\$])\$[^$\n]+\$|\{\w[^}]*\}`[^`]*`|`[^`\n]+`", re.S)
SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n\s*[-*|]\s")
TYPED = re.compile(r"\d[\d.,]*\s*(?:%|\\%|％|per\s?cent\b|(?:percentage\s+)?points?\b)", re.I)

INLINE_MATH = re.compile(r"(?<![\\$])\$[^$\n]+\$")
TABLE_HEAD = re.compile(r"^\|(?P<cells>.*)\|[ \t]*\n\|[ \t:|-]+\|[ \t]*$", re.M)


def typed_numbers(notebook: NotebookNode, _: Book) -> list[str]:
    """A share or a difference in points is computed, read from results/, or cited."""
    return [
        f"cell {place}: a typed number, {number!r}; mark it as a result, compute it or cite it"
        for place, cell in markdown_cells(notebook)
        for number in typed_numbers_in(cell.source)
    ]


def typed_numbers_in(markdown: str) -> list[str]:
    """The numbers with a percent sign or 'points' that stand in prose without a source."""
    for pattern in (MARKED, RESULT, CODE_FENCE):
        markdown = pattern.sub(" ", markdown)
    found = []
    for sentence in SENTENCE_END.split(markdown):
        if not CITATION.search(sentence):
            found += [match[0] for match in TYPED.finditer(NOT_PROSE.sub(" ", sentence))]
    return found


def table_headings(notebook: NotebookNode, _: Book) -> list[str]:
    """Every column of a table has a heading: a screen reader names it with each cell."""
    return [
        f"cell {place}: a column without a heading in {match[0].splitlines()[0]!r}"
        for place, cell in markdown_cells(notebook)
        for match in TABLE_HEAD.finditer(cell.source)
        if not all(heading.strip() for heading in match["cells"].split("|"))
    ]


def doubled_backslashes(notebook: NotebookNode, _: Book) -> list[str]:
    r"""No command of a formula in a line begins with two backslashes: `\\sqrt` is shown as sqrt."""
    return [
        f"cell {place}: two backslashes in {math[0]}; a command begins with one"
        for place, cell in markdown_cells(notebook)
        for math in INLINE_MATH.finditer(CODE_FENCE.sub(" ", cell.source))
        if re.search(r"\\\\[a-zA-Z]", math[0])
    ]


def result_marks(notebook: NotebookNode, book: Book) -> list[str]:
    """Every marked number is the one in results/."""
    found = []
    for place, cell in markdown_cells(notebook):
        try:
            if fill_results(cell.source, book.root / "results") != cell.source:
                found.append(f"cell {place}: a number differs from results/; run make sync")
        except ValueError as error:
            found.append(f"cell {place}: {error}")
    return found

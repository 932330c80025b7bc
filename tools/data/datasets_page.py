"""Keep the page of data sets in step with the catalogue: `python -m tools.data.datasets_page`.

A markdown cell whose metadata has `mmbook.dataset` gets the description of that set.
"""

import re
import sys

from nbformat import NotebookNode

from mmbook.datasets.catalogue import CATALOGUE, find
from mmbook.datasets.entries import DataSet, RealSet
from tools.notebooks.book import REPOSITORY, markdown_cells, read_notebook, write_notebook

PAGE = REPOSITORY / "chapters" / "appendix" / "datasets.ipynb"
_ADDRESS = re.compile(r"(?<![<\w(])https?://[^\s,;]*[^\s,;.:]")


def describe(entry: DataSet) -> str:
    """The text of a set's section, as MyST markdown."""
    rows = {
        "load": _calls(entry),
        "teaches": entry.teaches,
        "size": entry.size,
        "licence": entry.licence,
        "home": f"<{entry.homepage}>" if entry.homepage else "",
        "cite": f"{{cite:t}}`{','.join(entry.citations)}`" if entry.citations else "",
        "measured": "; ".join(entry.figures),
    }
    if isinstance(entry, RealSet):
        rows["files"] = f"`{entry.folder}/`: {_code(entry.layout)}"
        rows["get it"] = _ways(entry)
    table = [f"| {label} | {text} |" for label, text in rows.items() if text]
    # A share in a recipe is set and not measured: a formula, and no number that wants a source.
    what = re.sub(r"(\d+) %", r"$\1\\,\\%$", _sentence(entry.what))
    lines = [f"### {entry.title}", "", what, "", table[0], "|---|---|", *table[1:]]
    if isinstance(entry, RealSet) and entry.research_only:
        lines += ["", "Use it for research and teaching only, and pass none of it on."]
    return "\n".join(lines)


def _calls(entry: DataSet) -> str:
    """How a set is loaded, with every split."""
    if not entry.splits:
        return f'`load("{entry.name}")`'
    first, *others = (f'"{split}"' for split in entry.splits)
    return f'`load("{entry.name}", {first})`' + "".join(f", `{split}`" for split in others)


def _ways(entry: RealSet) -> str:
    """How to get a real set, for a table."""
    command = f"`python -m mmbook.datasets download {entry.name}`" if entry.sources else ""
    by_hand = _ADDRESS.sub(lambda match: f"<{match[0]}>", entry.by_hand)
    return ". ".join(filter(None, (command, _code(by_hand))))


def _code(text: str) -> str:
    """File names with signs that markdown would take for its own, as code."""
    return re.sub(r"(?<!\S)[^\s<>]*[{}*_][^\s<>]*[^\s<>,;.:]", lambda match: f"`{match[0]}`", text)


def _sentence(text: str) -> str:
    """Text whose large numbers stay in one line: a narrow no-break space parts the thousands."""
    return re.sub(r"(?<=\d) (?=\d{3}\b)", "\u202f", text)


def fill(notebook: NotebookNode) -> None:
    """Write every set's description into its cell. Raises ValueError where cells are amiss."""
    cells = [
        (cell.metadata["mmbook"]["dataset"], cell)
        for _, cell in markdown_cells(notebook)
        if "dataset" in cell.metadata.get("mmbook", {})
    ]
    names = [name for name, _ in cells]
    expected = [entry.name for entry in CATALOGUE]
    if names != expected:
        raise ValueError(f"the page has cells for {names}, the catalogue lists {expected}")
    for name, cell in cells:
        cell.source = describe(find(name))


def main() -> int:
    """Bring the page up to date."""
    notebook = read_notebook(PAGE)
    fill(notebook)
    print("written" if write_notebook(notebook, PAGE) else "up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())

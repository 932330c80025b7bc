"""Sphinx extension: the search does not look into set-up cells.

Every chapter begins with the same one. A search for what it says, such as "install", would list
all chapters instead of the page that is about it.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def _is_setup(node: nodes.Node) -> bool:
    """Tell whether a node is a code cell tagged `setup`."""
    return isinstance(node, nodes.container) and "tag_setup" in node.get("classes", [])


def leave_out_setup(app: Sphinx) -> None:
    """Let the builder index each page without its set-up cells."""
    if app.builder.format != "html":
        return
    index_page = app.builder.index_page  # pyright: ignore[reportAttributeAccessIssue]

    def index_without_setup(page: str, doctree: nodes.document, title: str) -> None:
        copy = doctree.deepcopy()
        for cell in list(copy.findall(_is_setup)):
            cell.parent.remove(cell)
        index_page(page, copy, title)

    app.builder.index_page = index_without_setup  # pyright: ignore[reportAttributeAccessIssue]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("builder-inited", leave_out_setup)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

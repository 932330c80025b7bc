"""Sphinx extension: what a markdown cell says about slides, its tags, stands on the page too.

MyST-NB gives a code cell's tags to the page as classes, `tag_slide`; this does the same for the
text of a markdown cell, so that `tools.editions.slides` can choose from the built page.
"""

from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx

LINES = 10_000  # MyST-NB counts the lines of cell n from n times this on


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Give each piece of text of a tagged markdown cell the classes of its tags about slides."""
    path = str(app.env.doc2path(app.env.docname))
    if not path.endswith(".ipynb"):
        return
    marks = {
        place: [f"tag_{tag}" for tag in cell.metadata.get("tags", []) if tag.startswith("slide")]
        for place, cell in enumerate(nbformat.read(path, as_version=4).cells, 1)
        if cell.cell_type == "markdown"
    }
    for section in [doctree, *doctree.findall(nodes.section)]:
        for piece in section.children:
            if isinstance(piece, nodes.Element) and not isinstance(piece, nodes.section):
                piece["classes"] += marks.get((piece.line or 0) // LINES, [])


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("doctree-read", mark)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

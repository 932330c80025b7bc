"""Sphinx extension: every page works without asking another host for anything.

It copies the part of MathJax that the pages use out of an installed package, and takes away the
scripts of sphinx-thebe, which Jupyter Book loads on every page although the book does not use
them (they name a CDN and log an error in the console).
"""

from importlib.metadata import files
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

MATHJAX_PACKAGE = "sphinx-mathjax-offline"
# The renderer, its fonts, TeX packages loaded on demand, and speech for screen readers: 3 MB of 24.
MATHJAX_PARTS = (
    "tex-chtml.js",
    "output/chtml/fonts/woff-v2",
    "input/tex/extensions",
    "a11y",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
)


def mathjax_folder() -> Path:
    """Return the folder of the installed MathJax; raise ExtensionError where there is none."""
    for file in files(MATHJAX_PACKAGE) or []:
        if file.name == "tex-chtml.js":
            return Path(str(file.locate())).parent
    raise ExtensionError(f"the package {MATHJAX_PACKAGE} holds no tex-chtml.js: reinstall it")


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy `MATHJAX_PARTS` to the site's `_static/mathjax`."""
    if error is not None or app.builder.format != "html":
        return
    source, target = mathjax_folder(), Path(app.outdir, "_static", "mathjax")
    for part in MATHJAX_PARTS:
        goal = target / part if (source / part).is_dir() else (target / part).parent
        copy_asset(source / part, goal)


def _is_thebe(file: Any) -> bool:
    """Tell whether a script or style sheet of a page belongs to sphinx-thebe."""
    text = f"{getattr(file, 'filename', '')} {getattr(file, 'attributes', {}).get('body', '')}"
    return "sphinx-thebe" in text or "THEBE_JS_URL" in text


def mend_page(app: Sphinx, page: str, template: str, context: dict, doctree: Any) -> None:
    """Take sphinx-thebe's files off a page, and mend what screen readers are told.

    References get a role that is allowed, and a fold is called what is written on it.
    """
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if not _is_thebe(file)]
    # docutils writes a deprecated role that is not allowed in a list.
    body = context.get("body", "").replace('role="doc-biblioentry"', 'role="listitem"')
    # MyST-NB gives every fold the same name, over its own words.
    context["body"] = body.replace(' aria-label="Toggle hidden content"', "")


def drop_thebe_nodes(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take away the inline scripts that sphinx-thebe adds at the end of a page."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext() or "<script>kernelName" in node.astext():
            node.parent.remove(node)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("doctree-resolved", drop_thebe_nodes, priority=900)
    app.connect("html-page-context", mend_page, priority=900)
    app.connect("build-finished", copy_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

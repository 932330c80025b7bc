"""Bring a notebook into the one form in which it is stored."""

import base64
import hashlib
import re
import struct
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from tools.notebooks.book import code_cells

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
KEPT_METADATA = ("mmbook", "mystnb", "orphan")
VOLATILE_CELL_METADATA = (
    "ExecuteTime",
    "collapsed",
    "colab",
    "execution",
    "id",
    "jp-MarkdownHeadingCollapsed",
    "outputId",
    "scrolled",
    "trusted",
)
WIDGET = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_TEXT = {b"tEXt", b"zTXt", b"iTXt", b"tIME"}


def normalise(notebook: NotebookNode) -> None:
    """Remove from `notebook` what changes without a change of the chapter, in place.

    Times of execution, widget state, the version of Python, memory addresses and the comments
    inside PNG files go; streams are merged; cells without an id of their own get one from their
    place and text. Doing it twice is doing it once.
    """
    kept = {key: notebook.metadata[key] for key in KEPT_METADATA if key in notebook.metadata}
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(KERNEL), language_info=NotebookNode(name="python"), **kept
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        for key in VOLATILE_CELL_METADATA:
            cell.metadata.pop(key, None)
        cell.source = cell.source.rstrip("\n")
    for _, cell in code_cells(notebook):
        cell.outputs = list(_merged(_without_volatile(output) for output in cell.outputs))
    _set_ids(notebook)


def _set_ids(notebook: NotebookNode) -> None:
    used: set[str] = set()
    for place, cell in enumerate(notebook.cells):
        identity = cell.get("id", "")
        if not CELL_ID.fullmatch(identity) or identity in used:
            text = f"{place} {cell.cell_type} {cell.source}"
            identity = hashlib.sha256(text.encode()).hexdigest()[:8]
        cell.id = identity
        used.add(identity)


def _merged(outputs: Iterator[NotebookNode]) -> Iterator[NotebookNode]:
    """Join neighbouring writes to the same stream."""
    last: NotebookNode | None = None
    for output in outputs:
        if last is not None and _stream(output) is not None and _stream(output) == _stream(last):
            last.text += output.text
            continue
        if last is not None:
            yield last
        last = output
    if last is not None:
        yield last


def _stream(output: NotebookNode) -> str | None:
    return output.name if output.output_type == "stream" else None


def _without_volatile(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output.text = without_addresses(output.text)
    for kind, value in list(output.get("data", {}).items()):
        output.data[kind] = _mime_value(kind, value)
    output.get("data", {}).pop(WIDGET, None)
    output.get("metadata", {}).pop("needs_background", None)
    return output


def _mime_value(kind: str, value: Any) -> Any:
    if kind == "image/png":
        return base64.b64encode(without_png_text(base64.b64decode(value))).decode() + "\n"
    return without_addresses(value) if isinstance(value, str) else value


def without_addresses(text: str) -> str:
    """`text` with every memory address replaced by `0x...`."""
    return ADDRESS.sub("0x...", text)


def without_png_text(png: bytes) -> bytes:
    """A PNG file without its comments and dates (who wrote it, with which version, when)."""
    if not png.startswith(PNG_SIGNATURE):
        raise ValueError("an output of type image/png does not start with the PNG signature")
    kept, place = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        chunk = png[place : place + 12 + length]
        if chunk[4:8] not in PNG_TEXT:
            kept.append(chunk)
        place += len(chunk)
    return b"".join(kept)

"""The line of measurements in a chapter's header box, and how long the chapter is."""

import math
import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from tools.notebooks.book import markdown_cells, tags

WORDS_A_MINUTE = 200
MARKED = re.compile(r"<!--measured-->.*?<!--/measured-->", re.S)
# A paragraph that began with a comment would be taken as HTML and lose its form.
LEAD = "**Measured.** "
FENCE = re.compile(r"\n(:{3,}|`{3,})\s*\Z")
# What nobody reads: comments, and the fences and options of directives.
NOT_READ = re.compile(r"<!--(?s:.*?)-->|^\s*(?::{3,}|`{3,}).*$|^\s*:\w[\w-]*:.*$", re.M)
WORD = re.compile(r"\S*\w\S*")


def reading_minutes(notebook: NotebookNode) -> int:
    """Minutes that the text below the header box takes to read, code and outputs left out."""
    texts = [cell.source for _, cell in markdown_cells(notebook) if "header" not in tags(cell)]
    words = sum(len(WORD.findall(NOT_READ.sub(" ", text))) for text in texts)
    return max(1, math.ceil(words / WORDS_A_MINUTE))


def measured_line(measurements: Mapping[str, Any]) -> str:
    """The sentence that states what running the chapter cost, with its marks."""
    text = f"Run time {_cost(measurements)} on two CPU cores"
    if "gpu" in measurements:
        text += f"; {_cost(measurements['gpu'])} on {measurements['gpu']['hardware']}"
    return f"<!--measured-->{text}.<!--/measured-->"


def _cost(measurements: Mapping[str, Any]) -> str:
    seconds, memory = measurements["seconds"], measurements["peak_memory_mb"]
    return f"{seconds:.0f} s, peak memory {memory:.0f} MB"


def with_measured_line(source: str, measurements: Mapping[str, Any]) -> str:
    """The header cell's source with the line put in: at its marks, else at the end of the box."""
    line = measured_line(measurements)
    if MARKED.search(source):
        return MARKED.sub(lambda _: line, source)
    fence = FENCE.search(source)
    if fence is None:
        return f"{source.rstrip()}\n\n{LEAD}{line}"
    return f"{source[: fence.start()].rstrip()}\n\n{LEAD}{line}{fence.group(0).rstrip()}"

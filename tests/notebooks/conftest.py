"""A small book with one chapter in which nothing is wrong."""

import base64
import struct
import zlib
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from mmbook.evaluation import Result, Row, save_result
from tools.notebooks.book import Book, code_cells, code_sha256, write_notebook
from tools.notebooks.header import reading_minutes, with_measured_line, with_reading_line
from tools.notebooks.normalise import normalise
from tools.notebooks.setup_cell import setup_source
from tools.teaching.workload import LINES_A_MINUTE

URL = "https://github.com/somebody/multimodal"
PACKAGE = '''"""Pairs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Two numbers."""

    left: int
    right: int

    def total(self) -> int:
        """Their sum."""
        return self.left + self.right
'''
PAIR = PACKAGE[PACKAGE.index("@dataclass") :].rstrip()
CONDITION = {"image_noise": 1.6, "audio_snr_db": None}
RESULT = Result(
    "digits-fusion",
    "mini",
    [Row("both senses", "accuracy", s, v, CONDITION) for s, v in enumerate([0.95, 0.972])],
    baselines=[],
    seeds=(0, 1),
    split="",
    config={"training": {"steps": 300}},
    parameters={"both senses": 1234},
    seconds=1.0,
    data={},
)
MEASURED = 'system="both senses" metric=accuracy image_noise=1.6 audio_snr_db=null'
MARKED = f"<!--result digits-fusion-mini {MEASURED} mean %-->96.1 %<!--/result-->"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book in an empty folder: settings, a package of one module, one result."""
    for folder in ("mmbook", "results", "chapters/part"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_config.yml").write_text(f"repository:\n  url: {URL}\n")
    (tmp_path / "mmbook" / "pairs.py").write_text(PACKAGE)
    save_result(RESULT, tmp_path / "results")
    return Book(tmp_path)


def png(comment: bytes = b"") -> bytes:
    """A picture of one grey pixel, with a comment where one is given."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    text = chunk(b"tEXt", b"Software\0" + comment) if comment else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + text
        + chunk(b"IDAT", zlib.compress(b"\0\x7f"))
        + chunk(b"IEND", b"")
    )


def picture(data: bytes) -> NotebookNode:
    """An output that shows a PNG file."""
    return new_output("display_data", data={"image/png": base64.b64encode(data).decode() + "\n"})


def printed(text: str) -> NotebookNode:
    """An output that a cell printed."""
    return new_output("stream", name="stdout", text=text)


def valued(text: str) -> NotebookNode:
    """The value with which a cell ended."""
    return new_output("execute_result", data={"text/plain": text})


def prompts(word: str) -> dict[str, str]:
    """What a page says where a part of the exercise is folded."""
    return {
        f"code_prompt_{verb.lower()}": f"{verb} the {word}: Doubling" for verb in ("Show", "Hide")
    }


def exercise_cells() -> list[NotebookNode]:
    """The count, a stub, its check, the tally and the solution."""
    part = {"exercise": "double"}
    return [
        new_code_cell(
            'from mmbook.exercises import Exercises, confirm\n\nexercises = Exercises("double")',
            metadata={"tags": ["exercises"]},
        ),
        new_markdown_cell(":::{exercise} Doubling\n:label: double\n\nWrite `double`.\n:::"),
        new_code_cell(
            "def double(number: int) -> int:\n    raise NotImplementedError",
            metadata={"tags": ["exercise"], "mmbook": part},
        ),
        new_code_cell(
            "def check_double(double) -> None:\n    assert double(2) == 4\n\n\n"
            "exercises.attempt(check_double, double)",
            metadata={
                "tags": ["check", "hide-input"],
                "mmbook": part,
                "jupyter": {"source_hidden": True},
                "mystnb": prompts("check"),
            },
            outputs=[valued("Not yet: nothing here yet")],
        ),
        new_code_cell(
            "exercises.tally()",
            metadata={"tags": ["tally"]},
            outputs=[valued("0 of 1 right. Not yet: double.")],
        ),
        new_code_cell(
            "# Solution: Doubling\ndef double_solution(number: int) -> int:\n"
            "    return 2 * number\n\n\nconfirm(check_double, double_solution)",
            metadata={
                "tags": ["solution", "hide-cell"],
                "mmbook": part,
                "jupyter": {"source_hidden": True, "outputs_hidden": True},
                "mystnb": prompts("solution"),
            },
        ),
    ]


@pytest.fixture
def chapter(book: Book) -> NotebookNode:
    """A chapter of `book` that passes every check; it is stored as chapters/part/chapter.ipynb."""
    header = ":::{admonition} This chapter\nRead it first.\n:::"
    cells = [
        new_markdown_cell("# Pairs\n\nYou will add two numbers."),
        new_markdown_cell(header, metadata={"tags": ["header"]}),
        new_code_cell(setup_source(URL), metadata={"tags": ["setup", "hide-input"]}),
        new_markdown_cell(f"Both senses reach {MARKED} on held-out data."),
        new_code_cell("from dataclasses import dataclass"),
        new_code_cell(
            PAIR, metadata={"tags": ["mmbook"], "mmbook": {"object": "mmbook.pairs.Pair"}}
        ),
        new_code_cell("print(Pair(1, 2).total())", outputs=[printed("3\n")]),
        new_code_cell(
            "import time\n\nprint(time.time())",
            metadata={"tags": ["nbval-ignore-output", "measured"]},
            outputs=[printed("1.5\n")],
        ),
        new_code_cell(
            "plt.show()",
            metadata={"mystnb": {"image": {"alt": "A grey dot."}}},
            outputs=[picture(png())],
        ),
        *exercise_cells(),
    ]
    notebook = new_notebook(cells=cells)
    for count, (_, cell) in enumerate(code_cells(notebook), 1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    record = {"seconds": 1.2, "peak_memory_mb": 90, "hardware": "2 cores of a machine"}
    notebook.metadata["mmbook"] = {**record, "code_sha256": code_sha256(notebook)}
    measured = with_measured_line(cells[1].source, notebook.metadata["mmbook"])
    cells[1].source = with_reading_line(measured, reading_minutes(notebook))
    normalise(notebook)
    write_notebook(notebook, book.root / "chapters" / "part" / "chapter.ipynb")
    return notebook


TOC = """\
root: intro
parts:
  - caption: First
    chapters:
      - file: chapters/part/chapter
  - caption: Second
    chapters:
      - file: chapters/other/later
  - caption: Appendix
    numbered: false
    chapters:
      - file: chapters/appendix/setup
"""


@pytest.fixture
def two(book: Book, chapter: NotebookNode) -> Book:
    """A book of two chapters: the second needs the first."""
    (book.root / "_toc.yml").write_text(TOC)
    (book.root / "chapters" / "other").mkdir()
    chapter.cells[1].source = (
        ":::{admonition} This chapter\n**You will be able to** [](later)\n\n"
        "**You need** Python; {doc}`the first <../part/chapter>` for pairs. {doc}`later` follows, "
        "[](../appendix/setup) helps.\n\nSee {doc}`../part/other`.\n:::"
    )
    chapter.cells.append(new_markdown_cell("word " * 400))
    chapter.cells.append(new_code_cell("\n\n".join(["x = 1"] * 3 * LINES_A_MINUTE)))
    write_notebook(chapter, book.root / "chapters" / "other" / "later.ipynb")
    return book

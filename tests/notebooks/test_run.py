"""`make run` executes, measures and stores a chapter, and repeating it changes nothing."""

import copy
from pathlib import Path

import pytest
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks import run
from tools.notebooks.book import code_sha256, read_notebook, write_notebook
from tools.notebooks.header import measured_line, with_measured_line
from tools.notebooks.run import Measurement, run_chapter

RECORD = {"seconds": 12.4, "peak_memory_mb": 640, "hardware": "2 cores of a machine"}


def tiny(*sources: str) -> NotebookNode:
    """A chapter with a header and these code cells; the first tagged as measured."""
    header = new_markdown_cell(":::{admonition} Box\nText.\n:::", metadata={"tags": ["header"]})
    cells = [new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = ["nbval-ignore-output", "measured"]
    return new_notebook(cells=[new_markdown_cell("# T"), header, *cells])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tiny.ipynb"


def test_runs_measures_and_repeats_without_a_difference(path, monkeypatch):
    # What counts as the same time is tested below; here a busy machine must not decide.
    monkeypatch.setattr(run, "SAME_SECONDS", run.LIMIT_SECONDS)
    folder = path.parent.name
    sources = ["import time\n\nprint(time.time())", "from pathlib import Path\n\nPath.cwd().name"]
    write_notebook(tiny(*sources, "held = bytearray(150 * 2**20)\nprint(object())"), path)
    measured = run_chapter(path)
    first = path.read_bytes()
    stored = read_notebook(path)
    _, header, _, where, shown = stored.cells
    assert where.outputs[0].data["text/plain"] == f"'{folder}'"
    assert shown.outputs[0].text == "<object object at 0x...>\n"
    assert 150 < measured.peak_memory_mb < 400 and 0 < measured.seconds < 60
    assert stored.metadata.mmbook.code_sha256 == code_sha256(stored)
    assert measured_line(stored.metadata.mmbook) in header.source
    assert header.source.endswith("\n:::")
    run_chapter(path)
    assert path.read_bytes() == first


def test_an_error_leaves_the_file_as_it_was(path):
    write_notebook(tiny("1 + 1", "raise RuntimeError('this cell')"), path)
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="this cell"):
        run_chapter(path)
    assert path.read_bytes() == before


def test_a_slow_chapter_is_refused(path, monkeypatch):
    write_notebook(tiny("1 + 1"), path)
    before = path.read_bytes()
    monkeypatch.setattr(run, "execute", lambda *_: Measurement(60.1, 90, "a machine"))
    with pytest.raises(RuntimeError, match="60 s; a chapter has 60 s"):
        run_chapter(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("seconds", "memory", "code", "kept"),
    [
        (15.0, 600, "1 + 1", True),
        (17.0, 640, "1 + 1", False),
        (12.4, 900, "1 + 1", False),
        (12.4, 640, "1 + 2", False),
    ],
)
def test_stored_values_stay_while_nothing_changed(path, monkeypatch, seconds, memory, code, kept):
    notebook = tiny("1 + 1")
    notebook.metadata["mmbook"] = {**RECORD, "code_sha256": code_sha256(notebook)}
    notebook.cells[2].source = code
    write_notebook(notebook, path)
    new = Measurement(seconds, memory, RECORD["hardware"])
    monkeypatch.setattr(run, "execute", lambda *_: copy.deepcopy(new))
    run_chapter(path)
    record = read_notebook(path).metadata.mmbook
    expected = RECORD if kept else vars(new)
    assert {key: record[key] for key in RECORD} == expected


def test_a_gpu_adds_its_own_line_only(path, monkeypatch):
    notebook = tiny("1 + 1")
    notebook.metadata["mmbook"] = {**RECORD, "code_sha256": code_sha256(notebook)}
    write_notebook(notebook, path)
    monkeypatch.setattr(run, "execute", lambda *_: Measurement(3.1, 2100, "one NVIDIA X"))
    run_chapter(path, gpu=True)
    stored = read_notebook(path)
    assert stored.metadata.mmbook.gpu == {
        "seconds": 3.1,
        "peak_memory_mb": 2100,
        "hardware": "one NVIDIA X",
    }
    assert (
        "Run time 12 s, peak memory 640 MB on two CPU cores; "
        "3 s, peak memory 2100 MB on one NVIDIA X." in stored.cells[1].source
    )


@pytest.mark.parametrize("source", [":::{note}\nText.\n:::", "```{note}\nText.\n```\n", "Text."])
def test_the_line_is_put_in_once(source):
    once = with_measured_line(source, RECORD)
    changed = with_measured_line(once, {**RECORD, "seconds": 30})
    assert once.count("Run time 12 s") == 1 and "Run time 12" not in changed
    assert changed.count("Run time 30 s, peak memory 640 MB on two CPU cores.") == 1
    assert once.startswith(source.split("\n")[0])
    last = f"**Measured.** {measured_line(RECORD)}"
    assert once.split("\n")[-1] in (source.rstrip().split("\n")[-1], last)

"""A chapter opened alone installs the package into an environment that has torch, and runs."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tools.address import fill_notebook
from tools.notebooks.book import Book, read_notebook, write_notebook
from tools.notebooks.setup_cell import setup_source

BOOK = Book()
ADDRESS = "https://github.com/somebody/multimodal"
WITHOUT = "import importlib.util as u, sys; sys.exit(u.find_spec('mmbook') is not None)"
VERSIONS = """\
from importlib.metadata import distributions
print(sorted((d.name, d.version) for d in distributions() if d.name != "mmbook"))"""
SMALLEST = """\
import sys

from mmbook.paths import data_folder, results_folder

assert str(data_folder()).startswith(sys.prefix), data_folder()
assert any(data_folder().iterdir()) and any(results_folder().iterdir())"""


@pytest.fixture
def colab(tmp_path: Path) -> Path:
    """The Python of an environment that has all that this one has, except the book's package."""
    shared, new = tmp_path / "shared", tmp_path / "environment"
    shared.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "mmbook" not in entry.name and entry.suffix != ".pth":
            (shared / entry.name).symlink_to(entry)
    venv.create(new, symlinks=True)
    (site,) = new.glob("lib/python*/site-packages")
    (site / "shared.pth").write_text(f"{shared}\n")
    python = new / "bin" / "python"
    subprocess.run([python, "-E", "-c", WITHOUT], check=True, cwd=tmp_path)
    return python


@pytest.fixture
def environment(colab: Path, clone: Path, tmp_path: Path, monkeypatch) -> dict[str, str]:
    """What a kernel of that Python is started with.

    The repository's address leads to the clone, and pip has no package index: whatever the
    package asked for beyond what is there would fail.
    """
    kernel = tmp_path / "share" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    command = [str(colab), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    unwanted = ("PYTHONPATH", "VIRTUAL_ENV")
    return {
        **{key: value for key, value in os.environ.items() if key not in unwanted},
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
        "PIP_NO_INDEX": "1",
        # pip reads this variable the other way round: it switches isolated builds off.
        "PIP_NO_BUILD_ISOLATION": "0",
    }


def installed(python: Path) -> str:
    """The names and versions of every distribution but the book's."""
    return subprocess.run(
        [python, "-c", VERSIONS],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def alone(folder: Path) -> Path:
    """Where a notebook lies in an empty folder."""
    (folder / "alone").mkdir()
    return folder / "alone" / "chapter.ipynb"


def smallest_chapter(path: Path, address: str) -> None:
    """A chapter that reads the data and results that came with the package."""
    cells = [new_code_cell(setup_source(address)), new_code_cell(SMALLEST)]
    write_notebook(new_notebook(cells=cells), path)


def execute(path: Path, environment: dict[str, str]) -> NotebookNode:
    """Run a notebook in its folder, with the bare environment's kernel."""
    notebook = read_notebook(path)
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute(
        env=environment
    )
    return notebook


@pytest.mark.parametrize(
    "chapter", [None, *BOOK.chapters()[:1]], ids=lambda p: p.stem if p else "smallest"
)
def test_a_chapter_alone_runs(chapter, colab, environment, tmp_path):
    path = alone(tmp_path)
    if chapter is None:
        smallest_chapter(path, ADDRESS)
    else:
        path.write_text(fill_notebook(chapter.read_text(encoding="utf-8"), ADDRESS))
    before = installed(colab)
    assert "('torch', " in before
    execute(path, environment)
    assert installed(colab) == before
    assert subprocess.run([colab, "-E", "-c", WITHOUT], cwd=tmp_path).returncode == 1


def test_a_chapter_alone_runs_with_the_wheel_beside_it(colab, environment, wheel_file, tmp_path):
    path = alone(tmp_path)
    smallest_chapter(path, "")
    shutil.copy(wheel_file, path.parent)
    before = installed(colab)
    execute(path, environment)
    assert installed(colab) == before


def test_a_chapter_alone_that_knows_no_address_says_what_to_do(colab, environment, tmp_path):
    path = alone(tmp_path)
    smallest_chapter(path, "")
    with pytest.raises(CellExecutionError) as stopped:
        execute(path, environment)
    (line,) = str(stopped.value).partition("---\n\n")[2].strip().splitlines()[:1]
    assert line.startswith("NotInstalled: this notebook knows no repository; put a wheel of the")


def test_without_the_setup_cell_it_fails(colab, environment, tmp_path):
    """The counter-test: the package really is missing there."""
    path = alone(tmp_path)
    write_notebook(new_notebook(cells=[new_code_cell("import mmbook")]), path)
    with pytest.raises(CellExecutionError, match="No module named 'mmbook'"):
        execute(path, environment)
    assert sys.executable != str(colab)

"""The list of programs, and what is said of one that does not exist."""

import subprocess
import sys
from pathlib import Path

import pytest

from mmbook.__main__ import main
from mmbook.cli.registry import PROGRAMS, find


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_every_program_is_listed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("python -m mmbook PROGRAM")
    for name, summary in PROGRAMS.items():
        assert any(line.split(maxsplit=1) == [name, summary] for line in printed.splitlines())
        assert callable(find(name))


def test_every_module_of_a_program_is_listed(repository: Path) -> None:
    shared = {"__init__", "registry", "files", "pages", "painters", "pictures", "progress", "sheet"}
    modules = {path.stem for path in (repository / "mmbook" / "cli").glob("*.py")} - shared
    assert modules == {name.replace("-", "_") for name in PROGRAMS}


def test_an_unknown_program_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recognize"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    names = "recognise-digit, caption, draw, search, inspect"
    assert printed.err == f"error: there is no program 'recognize'; there are: {names}\n"


def test_listing_needs_no_torch() -> None:
    code = "import sys; from mmbook.__main__ import main; main([]); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")

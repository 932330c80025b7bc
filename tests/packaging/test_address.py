"""`make address` works in a bare clone, in which nothing is installed, and can be taken back."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

URL = "https://github.com/somebody/multimodal"
PLACES = {
    "README.md": f"git clone {URL} mmbook",
    "CITATION.cff": f"repository-code: {URL}\n",
    "_config.yml": f"  url: {URL}\n",
    "intro.md": f"git clone {URL} mmbook",
    "chapters/appendix/setup.md": f"git clone {URL} mmbook",
}
DEAD = re.compile(r"OWNER|(?<!REPOSITORY=)https://github\.com/NAME/REPO")
COMMENT = re.compile(r"<!--.*?-->", re.S)


@pytest.fixture
def bare(clone, tmp_path):
    """A clone that is its own, and a `make` in it whose Python has no packages."""
    folder = tmp_path / "bare"
    shutil.copytree(clone, folder)
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").write_text(f'#!/bin/sh\nexec {python} -S "$@"\n')
    (programs / "python3").chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "REPOSITORY")}
    environment |= {"PATH": f"{programs}:/usr/bin:/bin", "MAKEFLAGS": ""}

    def make(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["make", "--no-print-directory", "address", *arguments]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)

    make("REPOSITORY=")
    run(folder, "-c", "user.name=x", "-c", "user.email=x", "commit", "-qam", "x", "--allow-empty")
    return folder, make


def run(folder: Path, *arguments: str) -> str:
    """What git says about a folder."""
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def shown(file: Path) -> str:
    """The text of a file less its comments."""
    return COMMENT.sub("", file.read_text(encoding="utf-8"))


def files(folder: Path) -> list[Path]:
    """The chapters, pages and settings of a clone."""
    found = [folder / name for name in PLACES]
    return found + sorted((folder / "chapters").rglob("*.ipynb"))


def test_set_again_and_taken_back(bare):
    folder, make = bare
    done = make(f"REPOSITORY={URL}/")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"The repository: {URL}.")
    for name, text in PLACES.items():
        assert text in shown(folder / name), name
    chapters = files(folder)[len(PLACES) :]
    assert chapters and all(f"git+{URL}" in path.read_text() for path in chapters)
    changed = set(run(folder, "diff", "--name-only").split())
    assert changed == {str(path.relative_to(folder)) for path in files(folder)}
    again = run(folder, "diff")
    assert make(f"REPOSITORY={URL}").returncode == 0
    assert run(folder, "diff") == again
    assert make("REPOSITORY=").returncode == 0
    assert run(folder, "status", "--porcelain") == ""


def test_without_an_address_nothing_leads_to_one(bare):
    folder, _ = bare
    for path in files(folder):
        text = shown(path)
        assert not DEAD.search(text), path
        assert "git+http" not in text and "git clone https://github.com/NAME" not in text, path
    assert "repository-code" not in (folder / "CITATION.cff").read_text()


@pytest.mark.parametrize("wrong", ["mmbook", "https://github.com/NAME/REPO", "'; touch evil; '"])
def test_what_is_no_address_changes_nothing(bare, wrong):
    folder, make = bare
    done = make(f"REPOSITORY={wrong}")
    assert done.returncode != 0
    assert "must look like https://github.com/NAME/REPO" in done.stderr
    assert run(folder, "status", "--porcelain") == ""


def test_without_a_word_it_asks_for_one(bare):
    folder, make = bare
    done = make()
    assert done.returncode != 0
    assert "say REPOSITORY=https://github.com/NAME/REPO" in done.stderr
    assert run(folder, "status", "--porcelain") == ""

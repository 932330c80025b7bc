"""A clone of the working tree, as somebody would get it from the repository, and its wheel."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def clone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with one commit: every file here that git does not ignore."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(listing, cwd=repository, capture_output=True, text=True, check=True)
    folder = tmp_path_factory.mktemp("clone") / "mmbook"
    for name in filter(None, listed.stdout.split("\0")):
        if (repository / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, folder / name)
    who = {
        f"GIT_{role}_{key}": "test" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")
    }
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Everything"]):
        subprocess.run(["git", *command], cwd=folder, env={**os.environ, **who}, check=True)
    return folder


@pytest.fixture(scope="session")
def wheel_file(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's wheel."""
    made = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(made)]
    done = subprocess.run([*command, str(clone)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = made.glob("*.whl")
    return file

"""Where a result was measured: the commit tells of changes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mmbook.evaluation import environment


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_commit_tells_of_changes_in_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        identity = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        command = ["git", *identity, *words]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    for name in [n for n in os.environ if n.startswith("GIT_")]:
        monkeypatch.delenv(name)
    module = tmp_path / "mmbook" / "evaluation" / "environment.py"
    module.parent.mkdir(parents=True)
    module.touch()
    elsewhere = tmp_path / "mmbook" / "encoders.py"
    elsewhere.touch()
    monkeypatch.setattr(environment, "__file__", str(module))
    assert environment.commit() == "unknown"
    git("init", "--quiet")
    assert environment.commit() == "unknown"
    git("add", "mmbook")
    git("commit", "--quiet", "-m", "one")
    short = git("rev-parse", "--short=12", "HEAD").strip()
    assert environment.commit() == short
    (tmp_path / "notes.txt").touch()  # not what a result depends on
    assert environment.commit() == short
    elsewhere.write_text("# changed\n")
    assert environment.commit() == short + "+changes"

"""The Makefile lists its targets; its helpers report what failed and what is missing."""

import os
import re
import subprocess
from pathlib import Path

import pytest


def program(folder: Path, name: str, text: str) -> None:
    """Put a shell program into a folder."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def run(repository: Path, *command: str, **variables: str) -> tuple[int, str]:
    """The status and the output of a command of the repository."""
    done = subprocess.run(
        command,
        cwd=repository,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def test_make_alone_lists_every_target(repository):
    status, said = run(repository, "make", MAKEFLAGS="")
    phony = " ".join(re.findall(r"^\.PHONY: (.*)$", (repository / "Makefile").read_text(), re.M))
    listed = {line.split()[1] for line in said.splitlines() if line.startswith("  make ")}
    assert status == 0
    assert listed == set(phony.split()) - {"tools-for-tests"}


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "intro.md", "setup.md", "teaching.md"]
)
def test_pages_name_targets_that_exist(repository, page):
    (file,) = [*repository.glob(page), *repository.glob(f"chapters/appendix/{page}")]
    named = set(re.findall(r"(?:`|^ *)make ([a-z-]+)", file.read_text(), re.M))
    targets = re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(), re.M)
    assert named and named <= set(targets)


@pytest.mark.parametrize(("target", "times"), [("test", 1), ("test-twice", 2)])
def test_chapters_are_executed_once_or_twice(repository, target, times):
    status, said = run(repository, "make", "--dry-run", "-o", ".venv/.installed-test", target)
    makefile = (repository / "Makefile").read_text()
    (stages,) = re.findall(r"bash tools/stages\.sh (.*)$", said, re.M)
    assert status == 0
    assert stages.split().count("chapters") == times
    assert not [name for name in stages.split() if f"\ntest-{name}:" not in makefile]


def test_every_stage_runs_and_one_that_failed_is_named(repository, tmp_path):
    program(tmp_path, "make", 'echo "did $2"; [ "$2" != test-types ]')
    fake = str(tmp_path / "make")
    status, said = run(repository, "bash", "tools/stages.sh", "lint", "types", "unit", MAKE=fake)
    assert status == 1
    assert re.findall(r"did (\S+)", said) == ["test-lint", "test-types", "test-unit"]
    assert re.search(r"types +FAILED in \d+ s", said)
    assert said.endswith("2 passed, 1 failed\n")
    assert run(repository, "bash", "tools/stages.sh", "lint", MAKE=fake)[0] == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root installs without sudo")
def test_packages_are_installed_by_name(repository, tmp_path):
    path = f"{tmp_path}:{os.environ['PATH']}"
    program(tmp_path, "apt-get", f'echo "$* $DEBIAN_FRONTEND" >> {tmp_path}/asked')
    status, said = run(repository, "bash", "tools/debian.sh", "libgl1", PATH=path)
    assert (status, said) == (0, "Installing the Debian packages: libgl1\n")
    assert (tmp_path / "asked").read_text().splitlines() == [
        "update -qq noninteractive",
        "install -y -qq --no-install-recommends libgl1 noninteractive",
    ]


def test_without_a_package_manager_it_says_what_is_needed(repository, tmp_path):
    (tmp_path / "bash").symlink_to("/bin/bash")
    status, said = run(repository, "/bin/bash", "tools/debian.sh", "libgl1", PATH=str(tmp_path))
    assert status == 1
    assert "Debian packages: libgl1. Install them" in said

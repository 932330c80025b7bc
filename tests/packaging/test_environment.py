"""The environment: what is pinned is what is installed, and PyTorch's builds can be chosen."""

import os
import re
import subprocess
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = ["3.11.7", "3.12.1", "3.13.0"]
PIN = re.compile(r"[a-z0-9][a-z0-9.-]*==[\w.]+( ; [^#]+)?")
INDEX = "https://download.pytorch.org/whl/cpu"


def lines(file: Path) -> list[str]:
    """The lines of a requirements file that are neither empty nor a comment nor an option."""
    stripped = (line.partition(" #")[0].strip() for line in file.read_text().splitlines())
    return [line for line in stripped if line and line[0] not in "#-"]


def pinned(repository: Path, python: str | None = None) -> dict[str, str]:
    """The pinned versions by name, for this Python or for another one on Linux."""
    other = {"python_version": python[:4], "python_full_version": python} if python else {}
    found: dict[str, str] = {}
    for requirement in map(Requirement, lines(repository / "constraints.txt")):
        if requirement.marker is None or requirement.marker.evaluate(other):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{name} is pinned twice for Python {python}"
            (version,) = requirement.specifier
            found[name] = version.version
    return found


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_pinned_to_a_version_it_allows(repository, python):
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    asked = [Requirement(line) for line in project["dependencies"]]
    for name in ("requirements.txt", "requirements-test.txt"):
        asked += map(Requirement, lines(repository / name))
    pins = pinned(repository, python)
    wrong = [
        str(requirement)
        for requirement in asked
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    ]
    assert wrong == [], "run `make lock`"


def test_pins_are_names_and_versions_only(repository):
    """No address, no digest, no path: they install from wherever somebody's pip looks."""
    assert [line for line in lines(repository / "constraints.txt") if not PIN.fullmatch(line)] == []


def test_the_installed_environment_is_the_pinned_one(repository):
    """A version with a part after `+`, as PyTorch's builds have it, is that version."""
    pins = pinned(repository)
    installed = {canonicalize_name(it.name): it.version.partition("+")[0] for it in distributions()}
    other = {n: (v, pins[n]) for n, v in installed.items() if n in pins and v != pins[n]}
    assert other == {}, "installed and pinned differ: install again, or run `make lock`"
    assert {"torch", "jupyter-book", "pytest"} <= set(pins) & set(installed)


def commands(repository: Path, *variables: str) -> str:
    """What `make book` and `make test` would do in a clone where nothing is installed."""
    make = ["make", "--dry-run", "--always-make", *variables, "book", ".venv/.installed-test"]
    environment = {k: v for k, v in os.environ.items() if k not in ("TORCH", "MAKEFLAGS")}
    done = subprocess.run(make, cwd=repository, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_installs_what_is_pinned(repository):
    said = commands(repository)
    installs = [line for line in said.splitlines() if "pip install" in line]
    assert len(installs) == 2
    assert all("--constraint constraints.txt" in line for line in installs)
    assert "-r requirements.txt -e ." in installs[0]
    assert "-r requirements-test.txt" in installs[1]


@pytest.mark.parametrize("variables", [(), ("TORCH=cpu",)])
def test_make_sees_to_torch_before_it_installs_the_rest(repository, variables):
    said = commands(repository, *variables).splitlines()
    (torch,) = [n for n, line in enumerate(said) if "tools/torch.sh" in line]
    assert said[torch].endswith("tools/torch.sh " + "cpu" * len(variables))
    assert "pip install" not in "".join(said[:torch])


@pytest.fixture
def machine(tmp_path):
    """Run tools/torch.sh on a Linux machine whose Python notes down what it is asked to do."""

    def program(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)

    def run(repository: Path, *build: str, gpu: bool, torch: bool) -> tuple[str, list[str]]:
        program("bin/uname", "echo Linux")
        program("bin/nvidia-smi", f"exit {int(not gpu)}")
        note = f'case "$1" in -c) exit {int(not torch)} ;; *) echo "$*" >> {tmp_path}/asked ;; esac'
        program(".venv/bin/python", note)
        done = subprocess.run(
            ["bash", repository / "tools/torch.sh", *build],
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
        )
        asked = tmp_path / "asked"
        return done.stdout, asked.read_text().splitlines() if asked.exists() else []

    return run


def test_without_a_gpu_it_says_how_to_save_the_download(repository, machine):
    said, asked = machine(repository, gpu=False, torch=False)
    assert "make book TORCH=cpu" in said and "5 GB" in said
    assert asked == []


@pytest.mark.parametrize(("gpu", "torch"), [(True, False), (False, True)])
def test_with_a_gpu_or_with_torch_there_is_nothing_to_say(repository, machine, gpu, torch):
    assert machine(repository, gpu=gpu, torch=torch) == ("", [])


def test_the_build_that_is_asked_for_comes_from_its_own_index(repository, machine):
    said, asked = machine(repository, "cpu", gpu=False, torch=False)
    (command,) = asked
    assert command.startswith("-m pip install ")
    assert f"--index-url {INDEX}" in command
    assert "--constraint constraints.txt" in command
    assert command.endswith(" torch torchvision")
    assert "PyTorch's cpu build" in said


def test_the_setup_page_and_the_readme_say_the_same(repository):
    for page in ("README.md", "chapters/appendix/setup.md"):
        assert "TORCH=cpu" in (repository / page).read_text(), page

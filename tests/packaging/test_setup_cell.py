"""What a setup cell installs, keeps and says, with wheels that are empty and no network."""

import os
import subprocess
import tomllib
import venv
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import nbclient
import packaging
import pip
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook
from packaging.requirements import Requirement

from tools.notebooks.setup_cell import MEGABYTES, setup_source

ADDRESS = "https://github.com/somebody/multimodal"
REACHED = "print('went on')"
# What the index of the test offers beyond the oldest version of each requirement.
NEWER = {
    "torch": ["2.8.0", "2.15.0"],
    "numpy": ["2.3.5"],
    "opencv-python": ["4.12.0"],
}
NEEDS_NUMPY_2 = {("opencv-python", "4.12.0"): ["numpy>=2"]}


def wheel(folder: Path, name: str, version: str, needs: list[str]) -> Path:
    """A wheel that holds one empty module and asks for `needs`."""
    module, stem = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {need}" for need in needs]
    files = {
        f"{module}/__init__.py": "",
        f"{stem}.dist-info/METADATA": "\n".join(metadata) + "\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{stem}.dist-info/RECORD"
    files[record] = "".join(f"{file},,\n" for file in [*files, record])
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for file, text in files.items():
            packed.writestr(file, text)
    return path


@pytest.fixture(scope="session")
def asked(repository: Path) -> list[Requirement]:
    """What the package asks for."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    return [Requirement(need) for need in project["dependencies"]]


@pytest.fixture(scope="session")
def index(asked: list[Requirement], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels from which pip gets all that the package asks for."""
    folder = tmp_path_factory.mktemp("index")
    for need in asked:
        (oldest,) = need.specifier
        for version in [oldest.version, *NEWER.get(need.name, [])]:
            wheel(folder, need.name, version, NEEDS_NUMPY_2.get((need.name, version), []))
    return folder


class Machine:
    """A Python that has pip and packaging, and an empty folder with a notebook in it."""

    def __init__(self, folder: Path, index: Path) -> None:
        self.folder = folder / "alone"
        self.folder.mkdir()
        venv.create(folder / "environment", symlinks=True)
        (self.site,) = (folder / "environment").glob("lib/python*/site-packages")
        for package in (pip, packaging):
            (self.site / package.__name__).symlink_to(Path(package.__path__[0]))
        self.python = folder / "environment" / "bin" / "python"
        self.variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        self.variables |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
        self.variables["PIP_CONFIG_FILE"] = os.devnull

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What this Python does in the notebook's folder."""
        return subprocess.run(
            [self.python, *arguments],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
        )

    def set_up(self, address: str = "") -> tuple[str, str]:
        """Run the cell and one after it; what they printed, and the line of the error."""
        done = self.run("-c", f"{setup_source(address)}\n{REACHED}")
        return done.stdout.strip(), (done.stderr.strip().splitlines() or [""])[-1]

    def versions(self) -> dict[str, str]:
        """What is installed."""
        return {found.name: found.version for found in distributions(path=[str(self.site)])}

    def has(self, **versions: str) -> None:
        """Install empty distributions of these versions."""
        for name, version in versions.items():
            zipfile.ZipFile(wheel(self.folder.parent, name, version, [])).extractall(self.site)


@pytest.fixture
def machine(tmp_path: Path, index: Path) -> Machine:
    return Machine(tmp_path, index)


@pytest.fixture
def beside(machine: Machine, asked: list[Requirement]) -> Path:
    """The book's wheel beside the notebook."""
    return wheel(machine.folder, "mmbook", "0.1.0", list(map(str, asked)))


@pytest.mark.parametrize(
    ("torch", "numpy"),
    [
        ("2.9.0", "1.26.4"),
        ("2.9.0+cu126", "2.0.2"),
        ("2.10.0a0+nv25", "2.3.5"),
        ("2.15.0", "1.26.4"),
        ("2.15.1", "2.3.5"),
    ],
)
def test_the_torch_and_the_numpy_that_are_there_stay(machine, beside, torch, numpy):
    machine.has(torch=torch, numpy=numpy)
    assert machine.set_up() == ("went on", "")
    after = machine.versions()
    assert (after["torch"], after["numpy"]) == (torch, numpy)
    assert after["opencv-python"] == ("4.8" if numpy < "2" else "4.12.0")
    assert "mmbook" in after and "tyro" in after


@pytest.mark.parametrize(
    ("torch", "numpy", "said"),
    [
        ("2.8.0+cu126", "2.0.2", "the book needs torch>=2.9, and here is torch 2.8.0+cu126; run"),
        ("2.9.0", "1.24.0", "the book needs numpy>=1.26, and here is numpy 1.24.0; run"),
    ],
)
def test_what_is_too_old_is_named_and_stays(machine, beside, torch, numpy, said):
    machine.has(torch=torch, numpy=numpy)
    before = machine.versions()
    printed, error = machine.set_up()
    assert printed == "" and said in error and "%pip install -U" in error
    assert machine.versions() == before


def test_without_the_cell_pip_replaces_it(machine, beside):
    """The counter-test: the wheel alone does not keep an old torch."""
    machine.has(torch="2.8.0", numpy="1.26.4")
    assert machine.run("-m", "pip", "install", str(beside)).returncode == 0
    assert machine.versions()["torch"] == "2.15.0"


def test_where_torch_is_missing_it_comes_too(machine, beside):
    assert machine.set_up() == ("went on", "")
    assert machine.versions()["torch"] == "2.15.0"


def test_without_an_address_and_a_wheel_it_asks_for_one(machine):
    printed, error = machine.set_up()
    assert printed == ""
    assert "this notebook knows no repository; put a wheel of the book (mmbook-*.whl;" in error


def test_the_newest_wheel_beside_it_comes_before_the_repository(machine, beside, asked):
    wheel(machine.folder, "mmbook", "0.2.0", list(map(str, asked)))
    assert machine.set_up(ADDRESS) == ("went on", "")
    assert machine.versions()["mmbook"] == "0.2.0"


def test_a_requirement_that_cannot_be_had_is_named(machine):
    wheel(machine.folder, "mmbook", "0.1.0", ["tyro>=99"])
    printed, error = machine.set_up()
    assert printed == ""
    assert "pip could not install mmbook-0.1.0-py3-none-any.whl (it says: ERROR:" in error
    assert "tyro>=99" in error


def test_a_repository_out_of_reach_is_one_line_and_stops(tmp_path, monkeypatch):
    """In a kernel, as there IPython writes the error."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{(tmp_path / 'none').as_uri()}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", ADDRESS)
    source = setup_source(ADDRESS).replace('find_spec("mmbook")', 'find_spec("mmbook_missing")')
    cells = [new_code_cell(source), new_code_cell(REACHED)]
    client = nbclient.NotebookClient(
        new_notebook(cells=cells),
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    with pytest.raises(CellExecutionError):
        client.execute()
    (error,) = cells[0].outputs
    (line,) = error.traceback
    assert "\n" not in line
    assert f"pip could not install git+{ADDRESS} (it says: fatal: " in line
    assert "see to the network, or put a wheel of the book" in line
    assert cells[1].outputs == []


def test_what_it_costs_is_true(clone):
    """A copy of the repository's files, packed, is what pip fetches."""
    packed = clone.parent / "packed.tar.gz"
    command = ["git", "archive", "--format=tar.gz", f"--output={packed}", "HEAD"]
    subprocess.run(command, cwd=clone, check=True)
    assert packed.stat().st_size < MEGABYTES * 1e6
    assert f"{MEGABYTES} MB" in setup_source("").splitlines()[0]

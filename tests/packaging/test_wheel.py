"""The wheel carries what the package reads, and asks for what the package imports."""

import ast
import os
import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution, packages_distributions
from pathlib import Path

import cv2
import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def wheel(wheel_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's wheel, unpacked."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(wheel_file).extractall(unpacked)
    return unpacked


def requirements(wheel: Path) -> dict[str, Requirement]:
    """What the wheel asks pip for."""
    (metadata,) = wheel.glob("*.dist-info")
    asked = map(Requirement, PathDistribution(metadata).requires or [])
    return {requirement.name: requirement for requirement in asked}


def files(folder: Path) -> set[str]:
    """The names of all files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("source", "packed"), [("data", "_data"), ("results", "_results")])
def test_carries_data_and_results(clone, wheel, source, packed):
    assert files(wheel / "mmbook" / packed) == files(clone / source)
    assert files(clone / source)


def test_carries_the_package_and_nothing_else(clone, wheel):
    assert files(clone / "mmbook") <= files(wheel / "mmbook")
    assert {path.name.partition("-")[0] for path in wheel.iterdir()} == {"mmbook"}


def test_reads_its_own_data(wheel, tmp_path):
    code = (
        "from mmbook.paths import data_folder, results_folder\n"
        "for folder in (data_folder(), results_folder()):\n"
        "    assert folder.is_dir()\n"
        "    print(folder)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(wheel)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        str(wheel / "mmbook" / name) for name in ("_data", "_results")
    ]


def imported(package: Path) -> set[str]:
    """The top-level names of everything that the modules below `package` import."""
    names = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"mmbook"}


def test_asks_for_what_it_imports_and_nothing_else(wheel):
    asked = requirements(wheel)
    extras = {canonicalize_name(name) for name, it in asked.items() if "extra" in str(it.marker)}
    always = {canonicalize_name(name) for name in asked} - extras
    owners = packages_distributions()
    needed = {
        name: {canonicalize_name(owner) for owner in owners.get(name, [name])}
        for name in imported(wheel / "mmbook")
    }
    assert {name for name, owner in needed.items() if not owner & (always | extras)} == set()
    source = "".join(path.read_text("utf-8") for path in (wheel / "mmbook").rglob("*.py"))
    unused = always - set().union(*needed.values())
    assert {name for name in unused if f'"{name}"' not in source} == set()  # imported by its name
    assert {name for name in extras if name not in source} == set()  # who lacks one is told


def test_keeps_the_torch_that_colab_has(wheel):
    """No upper bounds, and none above what the oldest supported torch came with."""
    asked = requirements(wheel)
    assert {bound.operator for it in asked.values() for bound in it.specifier} == {">="}
    assert asked["torch"].specifier.contains("2.9.0+cu126")


def test_its_programs_run_anywhere_with_the_models_it_carries(wheel, tmp_path):
    image = np.full((60, 60), 255, np.uint8)
    image[10:50, 28:33] = 0
    (tmp_path / "one.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
    done = subprocess.run(
        [sys.executable, "-m", "mmbook", "recognise-digit", "one.png"],
        env={**os.environ, "PYTHONPATH": str(wheel)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("one.png: 1 (")

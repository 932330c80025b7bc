"""The import contract holds, and a forbidden import breaks it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FORBIDDEN = [
    ("encoders", "fusion"),
    ("fusion", "decoders"),
    ("decoders", "encoders"),
    ("encoders", "models"),
    ("decoders", "training"),
    ("layers", "encoders"),
    ("layers", "training"),
    ("models", "datasets"),
    ("preprocessing", "encoders"),
    ("preprocessing", "datasets"),
    ("plotting", "models"),
    ("datasets", "models"),
    ("training", "models"),
    ("training", "datasets"),
    ("evaluation", "decoders"),
    ("explaining", "models"),
    ("models", "explaining"),
    *(
        (room, "experiments")
        for room in ("models", "plotting", "training", "evaluation", "datasets")
    ),
    ("models", "cli"),
    ("experiments", "cli"),
    ("cli", "datasets"),
    ("cli", "experiments"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contract of the package in `folder`."""
    return subprocess.run(
        ["lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def package(repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(repository / "mmbook", tmp_path / "mmbook")
    shutil.copy(repository / "pyproject.toml", tmp_path)
    return tmp_path


def test_holds(package):
    done = lint(package)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("room", "other"), FORBIDDEN, ids="-".join)
def test_a_forbidden_import_breaks_it(package, room, other):
    (package / "mmbook" / room / "intruder.py").write_text(f"import mmbook.{other}\n")
    done = lint(package)
    assert done.returncode == 1
    assert f"mmbook.{room}.intruder -> mmbook.{other}" in done.stdout.replace("\n", " ")


def test_datasets_may_use_preprocessing(package):
    (package / "mmbook" / "datasets" / "guest.py").write_text("import mmbook.preprocessing\n")
    assert lint(package).returncode == 0

"""An empty folder of real data sets, for tests that make up their own."""

from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that MMBOOK_DATA names during the test."""
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    return tmp_path

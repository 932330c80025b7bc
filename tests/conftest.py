"""What every test has: the repository's folder, one thread, and images that open no window."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Set before torch and matplotlib are imported, and inherited by the processes that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["MPLBACKEND"] = "Agg"

settings.register_profile("book", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("book")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds the whole project."""
    return Path(__file__).resolve().parents[1]

"""Where the real data is: MMBOOK_DATA, else unpacked from ../shared/realdata, else a skip."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def real_data(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of real data sets, which MMBOOK_DATA names while these tests run."""
    named = os.environ.get("MMBOOK_DATA")
    unpack = repository.parent / "shared" / "realdata" / "unpack"
    if named:
        folder = Path(named)
    elif unpack.is_file():
        folder = tmp_path_factory.mktemp("real-data")
        subprocess.run([unpack, folder], check=True, capture_output=True)
    else:
        pytest.skip("no real data: neither MMBOOK_DATA nor ../shared/realdata is there")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMBOOK_DATA", str(folder))
        yield folder

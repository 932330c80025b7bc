"""Execute chapters again and compare every output with the stored one, with the network off."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.notebooks.book import REPOSITORY
from tools.notebooks.offline import METHOD, offline_command

SANITIZE = REPOSITORY / "tests" / "sanitize.cfg"


def nbval_command(notebooks: Sequence[Path], processes: int) -> list[str]:
    """The nbval command for `notebooks`: cell by cell, one notebook at a time in each process."""
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"]
    options += [f"--nbval-sanitize-with={SANITIZE}", "-p", "no:cacheprovider", "--no-header", "-q"]
    if processes > 1:
        options += ["-n", str(processes), "--dist", "loadscope"]
    return [sys.executable, "-m", "pytest", *options, *map(str, notebooks)]


def validate(notebooks: Sequence[Path], processes: int = 2, method: str | None = None) -> int:
    """Run nbval over `notebooks` without a network; 0 where every output is the stored one.

    Each kernel computes on one core, while the stored outputs were computed on two: an output that
    depends on the number of threads fails here.
    """
    method = method or os.environ.get(METHOD, "auto")
    command, environment = offline_command(nbval_command(notebooks, processes), method)
    environment.pop("MPLBACKEND", None)  # kernels choose the one that puts figures into notebooks
    with tempfile.TemporaryDirectory() as no_data:
        environment |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        environment |= {"CUDA_VISIBLE_DEVICES": "", "MMBOOK_DATA": no_data}
        return subprocess.run(command, env=environment).returncode

"""Where a result was measured: the machine, its memory, the versions and the commit."""

import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import torch


def hardware() -> str:
    """The processor that a run uses, with the number of its threads, or the GPU."""
    if torch.cuda.is_available():
        return f"{torch.cuda.device_count()} × {torch.cuda.get_device_name()}"
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [row for row in info.read_text().splitlines() if row.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return f"{model}, {torch.get_num_threads()} threads"


def peak_memory_mb() -> int:
    """The most memory that this process has held, in MiB; on a GPU, of the GPU's."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() >> 20
    import resource  # not on Windows, where only this function needs it

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)


def versions() -> dict[str, str]:
    """The versions that a result may depend on."""
    names = ("torch", "numpy", "opencv-python", "scikit-learn")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def commit() -> str:
    """The commit of the book's checkout, with "+changes" where files differ, or "unknown"."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=here, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", ":(top)mmbook", ":(top)data")
        return git("rev-parse", "--short=12", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"

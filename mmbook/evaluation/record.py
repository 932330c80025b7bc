"""The record of a measured result: what was measured, on what, with what."""

import json
import math
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch

from mmbook.paths import results_folder

Values = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Result:
    """One experiment's measurements: one value a seed for each metric and each baseline's metric.

    metrics and baselines: {name: one value a seed}; seconds: of all training; split: what was held
    out; data: {set: what identifies it}. Raises ValueError where a metric does not hold one finite
    value for each seed.
    """

    experiment: str
    tier: str
    metrics: Values
    baselines: Mapping[str, Values]
    seeds: Sequence[int]
    split: str
    config: Mapping[str, Any]
    parameters: Mapping[str, int]
    seconds: float
    data: Mapping[str, str]
    hardware: str = field(default_factory=lambda: hardware())
    peak_memory_mb: int = field(default_factory=lambda: peak_memory_mb())
    versions: Mapping[str, str] = field(default_factory=lambda: versions())
    commit: str = field(default_factory=lambda: commit())

    def __post_init__(self) -> None:
        for name, values in [*self.metrics.items(), *_flat(self.baselines)]:
            if len(values) != len(self.seeds) or not all(map(math.isfinite, values)):
                raise ValueError(
                    f"{name!r} must hold a finite value for each of the {len(self.seeds)} seeds, "
                    f"not {list(values)}"
                )

    def summary(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation over the seeds of a metric, or a baseline's first one.

        Raises KeyError on another name. The deviation of one seed is zero.
        """
        if name in self.metrics:
            return _mean_and_spread(self.metrics[name])
        return _mean_and_spread(next(iter(self.baselines[name].values())))


def _flat(baselines: Mapping[str, Values]) -> list[tuple[str, Sequence[float]]]:
    return [(f"{b}/{m}", v) for b, metrics in baselines.items() for m, v in metrics.items()]


def _mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    return mean(values), stdev(values) if len(values) > 1 else 0.0


def _summary(values: Sequence[float]) -> dict[str, Any]:
    middle, spread = _mean_and_spread(values)
    rounded = [round(v, 6) for v in values]
    return {"values": rounded, "mean": round(middle, 6), "std": round(spread, 6)}


def save_result(result: Result, folder: Path | None = None) -> Path:
    """Write `<experiment>-<tier>.json` into the folder of results; returns its path."""
    record = asdict(result)
    record["metrics"] = {name: _summary(values) for name, values in result.metrics.items()}
    record["baselines"] = {
        baseline: {name: _summary(values) for name, values in metrics.items()}
        for baseline, metrics in result.baselines.items()
    }
    folder = folder or results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.experiment}-{result.tier}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load_result(experiment: str, tier: str, folder: Path | None = None) -> Result:
    """Read a recorded result. Raises FileNotFoundError that names the command which makes it."""
    path = (folder or results_folder()) / f"{experiment}-{tier}.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"no result at {path}; python -m mmbook.experiments {experiment} --tier {tier} --record"
        )
    record = json.loads(path.read_text(encoding="utf-8"))
    record["metrics"] = {name: m["values"] for name, m in record["metrics"].items()}
    record["baselines"] = {
        baseline: {name: m["values"] for name, m in metrics.items()}
        for baseline, metrics in record["baselines"].items()
    }
    return Result(**record)


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

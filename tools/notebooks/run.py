"""Execute a chapter, measure it, and store it in its normal form."""

import copy
import os
import platform
import re
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode

from tools.notebooks.book import code_cells, code_sha256, read_notebook, tags, write_notebook
from tools.notebooks.header import with_measured_line
from tools.notebooks.normalise import normalise

CORES = 2
LIMIT_SECONDS = 60
CELL_TIMEOUT = 300
# Measurements that differ by less than these shares are the same measurement.
SAME = 0.3
SAME_SECONDS = 2.0
SAME_MB = 50


@dataclass(frozen=True)
class Measurement:
    """What one execution cost: wall seconds and the kernel's peak memory."""

    seconds: float
    peak_memory_mb: int
    hardware: str

    def close_to(self, other: "Measurement") -> bool:
        """Whether the difference is noise, so that the stored values stay."""
        return (
            self.hardware == other.hardware
            and abs(self.seconds - other.seconds) <= max(SAME * other.seconds, SAME_SECONDS)
            and abs(self.peak_memory_mb - other.peak_memory_mb)
            <= max(SAME * other.peak_memory_mb, SAME_MB)
        )


def run_chapter(path: Path, gpu: bool = False) -> Measurement:
    """Execute the chapter at `path` in its own folder and write it back.

    On the CPU the kernel sees two cores and no accelerator; the outputs, the measurements and the
    header's line are stored. With `gpu`, only the measurements of the GPU are. Raises the cell's
    `CellExecutionError`, and `RuntimeError` where this machine cannot measure or the chapter takes
    longer than the limit; the file is then left as it was.
    """
    notebook = read_notebook(path)
    executed = copy.deepcopy(notebook)
    measured = execute(executed, path.parent, gpu)
    if not gpu and measured.seconds > LIMIT_SECONDS:
        raise RuntimeError(f"{path}: {measured.seconds:.0f} s; a chapter has {LIMIT_SECONDS} s")
    if gpu:
        notebook.metadata.setdefault("mmbook", {})["gpu"] = asdict(measured)
        executed = notebook
    else:
        _record(executed, notebook, measured)
    _write_header(executed)
    normalise(executed)
    write_notebook(executed, path)
    return measured


def execute(notebook: NotebookNode, folder: Path, gpu: bool = False) -> Measurement:
    """Run every cell of `notebook` in `folder`, filling in its outputs, and measure the kernel."""
    hardware = gpu_name() if gpu else cpu_name()
    for _, cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    with tempfile.TemporaryDirectory() as empty:
        start = time.perf_counter()
        with client.setup_kernel(env=kernel_environment(Path(empty), gpu)):
            if not gpu:
                os.sched_setaffinity(kernel_pid(client), two_cores())
            for place, cell in enumerate(notebook.cells):
                client.execute_cell(cell, place)
            memory = peak_memory_mb(kernel_pid(client))
        seconds = round(time.perf_counter() - start, 1)
    return Measurement(seconds, memory, hardware)


def kernel_environment(no_data: Path, gpu: bool = False) -> dict[str, str]:
    """The kernel's environment: two threads, no real data set, and no accelerator on the CPU."""
    threads = {f"{library}_NUM_THREADS": str(CORES) for library in ("OMP", "MKL", "OPENBLAS")}
    hidden = {} if gpu else {"CUDA_VISIBLE_DEVICES": ""}
    return {**os.environ, **threads, **hidden, "MMBOOK_DATA": str(no_data)}


def two_cores() -> set[int]:
    """Two of the cores this process may use."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < CORES:
        raise RuntimeError(
            f"measuring a chapter takes {CORES} cores; this machine gives {len(cores)}"
        )
    return set(cores[:CORES])


def kernel_pid(client: NotebookClient) -> int:
    """The process of a client's running kernel."""
    return client.km.provisioner.pid  # type: ignore[union-attr]


def peak_memory_mb(pid: int) -> int:
    """The most memory that a running process has held (VmHWM), in MB of 1024 kB."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        raise RuntimeError("measuring peak memory reads /proc, which only Linux has")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) // 1024  # type: ignore[index]


def cpu_name() -> str:
    """The processor's own name."""
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return f"{CORES} cores of {names[0].strip() if names else platform.machine()}"


def gpu_name() -> str:
    """The first GPU's own name."""
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        names = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"no NVIDIA GPU answers here ({error})") from None
    return f"one {names[0].strip()}"


def _record(executed: NotebookNode, stored: NotebookNode, measured: Measurement) -> None:
    """Put the measurement into the metadata, or keep the stored one where nothing changed.

    Cells tagged `measured` print times; they then keep their stored outputs too.
    """
    before = stored.metadata.get("mmbook", {})
    digest = code_sha256(executed)
    if before.get("code_sha256") == digest and measured.close_to(_stored_measurement(before)):
        for (_, new), (_, old) in zip(code_cells(executed), code_cells(stored), strict=True):
            if "measured" in tags(new) and old.outputs:
                new.outputs = old.outputs
        return
    record = {**before, **asdict(measured), "code_sha256": digest}
    executed.metadata["mmbook"] = NotebookNode(record)


def _stored_measurement(record: NotebookNode) -> Measurement:
    return Measurement(record.seconds, record.peak_memory_mb, record.hardware)


def _write_header(notebook: NotebookNode) -> None:
    record = notebook.metadata["mmbook"]
    for cell in notebook.cells:
        if "header" in tags(cell) and "seconds" in record:
            cell.source = with_measured_line(cell.source, record)

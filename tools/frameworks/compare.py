"""Ask every framework in an environment of its own, and compare what comes back."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.frameworks import record
from tools.frameworks.environments import FRAMEWORKS, MXNET, Environment, UnusableEnvironment
from tools.frameworks.worker import SAY

ROUNDS = 7
MODELS = record.FOLDER / "models"
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "MXNET_CPU_WORKER_NTHREADS"), "1"),
    **{"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    **{"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""},
}


@dataclass(frozen=True)
class Entry:
    """A line of the comparison: name, environment (None: the book's own), Keras's backend."""

    name: str
    environment: Environment | None = None
    backend: str = ""


ENTRIES = (
    Entry("torch"),
    Entry("tensorflow", FRAMEWORKS),
    Entry("keras", FRAMEWORKS, "tensorflow"),
    Entry("keras-jax", FRAMEWORKS, "jax"),
    Entry("jax", FRAMEWORKS),
    Entry("mxnet", MXNET),
)


class Worker:
    """A framework at work in its environment; see `tools.frameworks.worker`."""

    def __init__(self, entry: Entry, folder: Path) -> None:
        self.name, self.folder = entry.name, folder
        python = entry.environment.python if entry.environment else sys.executable
        given = os.environ | ONE_THREAD | {"KERAS_BACKEND": entry.backend or "tensorflow"}
        self.log = (folder / f"{entry.name}.log").open("w+")
        self.process = subprocess.Popen(
            [str(python), "-m", "tools.frameworks.worker", entry.name, str(folder)],
            cwd=record.checkpoint.ROOT,
            env=given | {"PYTHONPATH": str(record.checkpoint.ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def answer(self) -> str:
        """The next line that it says. Raises UnusableEnvironment where it ended instead."""
        for line in self.process.stdout or ():
            if line.startswith(SAY):
                return line.removeprefix(SAY).strip()
        self.log.seek(0)
        said = self.log.read().strip().splitlines() or ["nothing"]
        raise UnusableEnvironment(f"{self.name} ended early; its last words: {said[-1]}")

    def steps(self) -> float:
        """The seconds of one training step, now."""
        if self.process.stdin:
            print("steps", file=self.process.stdin, flush=True)
        return float(self.answer())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()

    def found(self) -> tuple[dict[str, np.ndarray], dict]:
        arrays = dict(np.load(self.folder / f"{self.name}.npz"))
        return arrays, json.loads((self.folder / f"{self.name}.json").read_text())


def compared(folder: Path, reference: dict, usable: Sequence[Environment]) -> dict:
    """What all frameworks found, beside what the book's own classes say; times in rounds.

    Raises UnusableEnvironment where one of them cannot run.
    """
    entries = [e for e in ENTRIES if e.environment is None or e.environment in usable]
    workers = []
    try:
        for entry in entries:
            workers.append(Worker(entry, folder))
            workers[-1].answer()
        rounds = [{w.name: w.steps() for w in workers} for _ in range(ROUNDS)]
        answers = {w.name: w.found() for w in workers}
        caption = captions(folder, reference) if FRAMEWORKS in usable else {}
    finally:
        for worker in workers:
            worker.end()
    rows = {name: row(name, answers, rounds, reference) for name in answers}
    parts = {"frameworks": rows, "captions": caption, "samples": len(reference["labels"])}
    biggest = max(np.abs(g).max() for k, g in answers["torch"][0].items() if k.startswith("grad"))
    return parts | {"rounds": ROUNDS, "largest_gradient": float(biggest)}


def row(name: str, answers: dict, rounds: list[dict[str, float]], reference: dict) -> dict:
    """One framework: largest differences, times, lines, versions, what its defaults give."""
    (arrays, facts), torch = answers[name], answers["torch"][0]
    slopes = [key for key in torch if key.startswith("gradient ")]
    ratios = [times[name] / times["torch"] for times in rounds]
    probes = dict(facts["probes"])
    for key in ("gru states", "gru states copied"):
        if key in arrays:
            probes[key] = float(np.abs(arrays[key] - torch["gru states"]).max())
    file = f"in_{name.partition('-')[0]}.py"
    return {
        "outputs": float(np.abs(arrays["logits"] - reference["logits"]).max()),
        "right": int((arrays["logits"].argmax(axis=1) == reference["labels"]).sum()),
        "gradients": float(max(np.abs(arrays[key] - torch[key]).max() for key in slopes)),
        "step_ms": 1000 * statistics.median(times[name] for times in rounds),
        "ratio": statistics.median(ratios),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "first_step": facts["first_step"],
        "lines": record.code_lines(MODELS / file),
        "versions": facts["versions"],
        "probes": probes,
    }


def captions(folder: Path, reference: dict) -> dict:
    """The captioner in Keras beside the book's: words, and scores where there are words."""
    worker = Worker(Entry("captioner", FRAMEWORKS, "tensorflow"), folder)
    try:
        worker.answer()
        found, _ = worker.found()
    finally:
        worker.end()
    same = (found["written"] == reference["ids"]).all(axis=1)
    real = reference["real"]
    return {
        "scenes": len(same),
        "same": int(same.sum()),
        "words": int(real.sum() - len(same)),
        "scores": float(np.abs(found["scores"] - reference["scores"])[real].max()),
        "largest_score": float(np.abs(reference["scores"][real]).max()),
        "lines": record.code_lines(MODELS / "captioner_in_keras.py"),
    }

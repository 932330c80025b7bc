"""One framework in an environment of its own: `python -m tools.frameworks.worker NAME FOLDER`.

It reads FOLDER/inputs.npz, writes what it found to FOLDER/NAME.npz and FOLDER/NAME.json, and then
trains a few steps for each line that it is given, and says how many seconds they took.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from tools.frameworks import checkpoint, probes

SAY = "@frameworks "  # what a library prints is not for the one who asks
RATE, STEPS = 0.01, 10
PACKAGES = ("torch", "tensorflow_cpu", "keras", "jax", "jaxlib", "mxnet", "numpy", "safetensors")


def say(word: str) -> None:
    print(SAY + word, flush=True)


def versions() -> dict[str, str]:
    """Of what is installed here, Python first."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def fusion(name: str, folder: Path, inputs) -> None:
    """Outputs, gradients, what is done where nothing is said; then steps on demand."""
    kind = name.partition("-")[0]  # keras-jax is Keras on JAX
    model = importlib.import_module(f"tools.frameworks.models.in_{kind}")
    weights = checkpoint.fusion_weights()
    batch = [inputs[key] for key in ("image", "audio", "labels")]
    arrays = {"logits": model.logits(model.build(weights), *batch[:2])}
    arrays |= {f"gradient {n}": g for n, g in model.gradients(model.build(weights), *batch).items()}
    probed = getattr(probes, kind)(checkpoint.gru_weights(), inputs["sequences"])
    arrays |= {key: probed.pop(key) for key in list(probed) if key.startswith("gru")}
    step = model.trainer(model.build(weights), *batch, RATE)
    start = time.perf_counter()
    step()
    facts = {"first_step": time.perf_counter() - start, "probes": probed, "versions": versions()}
    for _ in range(3):
        step()
    np.savez(folder / f"{name}.npz", **arrays)
    (folder / f"{name}.json").write_text(json.dumps(facts))
    say("ready")
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        say(repr((time.perf_counter() - start) / STEPS))


def captioner(name: str, folder: Path, inputs) -> None:
    """Sentences word by word, and the scores of all words of given sentences."""
    from tools.frameworks.models import captioner_in_keras as model

    models = model.build(checkpoint.read(checkpoint.CAPTIONER))
    images, read_as = inputs["scenes"].transpose(0, 2, 3, 1).astype(np.float32), inputs["read_as"]
    bos, eos = (int(inputs[key]) for key in ("bos", "eos"))
    written = model.write(models, images, read_as, bos, eos)
    scores = model.logits(models, images, inputs["ids"], read_as)
    np.savez(folder / f"{name}.npz", written=written, scores=scores)
    (folder / f"{name}.json").write_text(json.dumps({"versions": versions()}))
    say("ready")


def main(name: str, folder: str) -> None:
    if hasattr(os, "sched_setaffinity"):  # one core each, however many threads a library starts
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    place = Path(folder)
    inputs = np.load(place / "inputs.npz")
    (captioner if name == "captioner" else fusion)(name, place, inputs)


if __name__ == "__main__":
    main(*sys.argv[1:])

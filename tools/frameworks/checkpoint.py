"""The book's weights as NumPy arrays, for frameworks that know nothing of PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[2]
FUSION = ROOT / "data" / "fusion-explorer" / "weights.safetensors"
CAPTIONER = ROOT / "data" / "models" / "scene-captioner" / "model.safetensors"
RECURRENT = ROOT / "data" / "models" / "speech-quality" / "model.safetensors"
NAMES = {"fusions.attention.0.": "fusion.", "fusions.attention.1.linear.": "classifier."}
GRU = "memories.0.network."


def read(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a safetensors file, by name, those of numbers in single precision."""
    found = load_file(path)
    return {n: v.astype(np.float32) if v.dtype.kind == "f" else v for n, v in found.items()}


def fusion_weights(path: Path = FUSION) -> dict[str, np.ndarray]:
    """Eye, ear, the fusion by attention and its classifier, named as in the network."""
    weights = {}
    for name, values in read(path).items():
        old = next((old for old in NAMES if name.startswith(old)), None)
        if old is not None:
            name = NAMES[old] + name[len(old) :]
        if not name.startswith("fusions."):  # the other two fusions of the file
            weights[name] = values
    return weights


def gru_weights(path: Path = RECURRENT) -> dict[str, np.ndarray]:
    """A trained GRU, one direction: weight_ih (3·48, 96), weight_hh (3·48, 48), two biases."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    found = read(path)
    return {kind: found[f"{GRU}{kind}_l0"] for kind in kinds}

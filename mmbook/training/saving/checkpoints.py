"""Files that outlive a run: training state to go on from, and finished weights.

Both are written beside their place and then moved there, so a file under its own name is whole.
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model
from torch import Tensor, nn

METADATA = "mmbook"


class CheckpointError(ValueError):
    """A checkpoint that cannot be read, or that belongs to something else."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary path in the same folder, which becomes `path` once the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def digest(tensors: Mapping[str, Tensor], contents: bool = True) -> str:
    """The SHA-256 of named tensors: of names, shapes and types, and of `contents` unless false."""
    sha = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        sha.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        if contents:
            flat = tensor.detach().cpu().contiguous().flatten()
            sha.update(flat.view(torch.uint8).numpy().data)
    return sha.hexdigest()


def save_checkpoint(path: Path, state: Mapping[str, Any], identity: Mapping[str, str]) -> None:
    """Writes the state of a run, and the identity that a run must have to go on from it.

    The file is the SHA-256 of all that follows (32 bytes), then what `torch.save` writes.
    """
    buffer = io.BytesIO()
    torch.save({"state": dict(state), "identity": dict(identity)}, buffer)
    content = buffer.getvalue()
    with replacing(path) as temporary:
        temporary.write_bytes(hashlib.sha256(content).digest() + content)


def load_checkpoint(path: Path, identity: Mapping[str, str]) -> dict[str, Any]:
    """Reads what `save_checkpoint` wrote; tensors come back on the CPU.

    Raises CheckpointError for a file that is damaged, of another kind, or of another run,
    and FileNotFoundError where there is none.
    """
    content = path.read_bytes()
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        raise CheckpointError(
            f"{path} is not a whole checkpoint of a training run; delete it to train from the start"
        )
    saved = torch.load(io.BytesIO(content[32:]), map_location="cpu", weights_only=True)
    changed = [name for name, value in identity.items() if saved["identity"].get(name) != value]
    if changed:
        raise CheckpointError(
            f"{path} is of a run with another {' and '.join(changed)}; "
            "delete it to train from the start, or give this run a path of its own"
        )
    return saved["state"]


def save_weights(path: Path, model: nn.Module, metadata: Mapping[str, Any]) -> None:
    """Writes a model's weights as safetensors, with where they come from as JSON `metadata`.

    The same weights and metadata give the same bytes.
    """
    with replacing(path) as temporary:
        # One entry, because safetensors writes several in no fixed order.
        save_model(model, str(temporary), {METADATA: json.dumps(metadata, sort_keys=True)})


def load_weights(path: Path, model: nn.Module) -> dict[str, Any]:
    """Reads weights into a model, wherever it is, and returns their metadata.

    Raises CheckpointError for a file that is damaged or does not fit the model, and
    FileNotFoundError where there is none.
    """
    metadata = load_metadata(path)
    try:
        load_model(model, path)
    except SafetensorError as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}") from error
    except RuntimeError as error:
        raise CheckpointError(
            f"{path} does not fit {type(model).__name__}; build the model with the settings "
            f"that the weights were trained with: {error}"
        ) from error
    return metadata


def load_metadata(path: Path) -> dict[str, Any]:
    """Reads what `save_weights` wrote beside the weights; nothing for a file of another origin.

    Raises CheckpointError for a damaged file, and FileNotFoundError where there is none.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = json.loads((file.metadata() or {}).get(METADATA, "{}"))
    except SafetensorError as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}") from error
    except ValueError as error:
        raise CheckpointError(f"{path} is damaged: its metadata is no JSON ({error})") from error
    if not isinstance(metadata, dict):
        raise CheckpointError(f"{path} is damaged: its metadata must be names and values")
    return metadata

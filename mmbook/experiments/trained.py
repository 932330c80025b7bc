"""Train a model once: finished weights are read again, an interrupted run goes on."""

import hashlib
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from mmbook.batch import Batch
from mmbook.evaluation.environment import hardware, versions
from mmbook.evaluation.source import Digests, differences, modules
from mmbook.training import CheckpointError, TrainingConfig, fit, load_weights, save_weights
from mmbook.training.hardware.distribution import is_main
from mmbook.training.saving.checkpoints import digest, load_metadata
from mmbook.training.saving.identity import describe, module_settings

_FILE = re.compile(r"(?P<run>.+-[0-9a-f]{12})\.(?P<code>[0-9a-f]{8})\.safetensors")


@dataclass(frozen=True)
class Finished:
    """A file of finished weights: its run, the digest of the code, and what it says of itself."""

    file: Path
    run: str
    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class OtherCode:
    """Finished weights that this code has not trained, and the modules in which the two differ."""

    file: Path
    modules: list[str]

    def __str__(self) -> str:
        return f"{self.file} was trained by other code (in {', '.join(self.modules)})"


def trained(
    model: nn.Module,
    samples: Batch,
    config: TrainingConfig,
    folder: Path,
    name: str,
    module: str,
    **options: Any,
) -> float:
    """Give the model the weights that training on the samples leads to; returns its seconds.

    module: the one that builds the model and calls this, `__name__` there; it and all that it
    imports is the code that makes the weights. options: `objectives` and `augment` of `fit`,
    which `describe` can tell apart. The model is left in evaluation mode.

    Files are named after the run and the code, `folder/name-run.code`, so that those of another one
    are neither read nor written over: `.safetensors` for finished weights, which are read where
    they are, `.ckpt` for the state of an interrupted run. Where there are only weights of other
    code, a line says so. Under torchrun all processes train. Raises CheckpointError for a damaged
    file.
    """
    made_by = modules(module)
    run = re.sub(r"[^\w.+-]+", "-", name) + "-" + _identity(model, samples, config, options)
    start = folder / f"{run}.{_short(made_by)}"
    weights, checkpoint = (start.with_name(f"{start.name}.{e}") for e in ("safetensors", "ckpt"))
    if weights.is_file():
        return _read(weights, model.eval())
    if is_main():
        for other in other_code(folder, run):
            print(f"{other}: training again", file=sys.stderr)
    progress = sys.stderr.isatty()
    history = fit(model, samples, config, checkpoint=checkpoint, progress=progress, **options)
    if is_main():
        facts = {
            "name": name,
            "seed": config.seed,
            "seconds": history.seconds,
            "module": module,
            "source": made_by,
            "weights": digest(model.state_dict()),
            "hardware": hardware(),
            "versions": versions(),
        }
        save_weights(weights, model, facts)
        checkpoint.unlink(missing_ok=True)
        print(f"{folder.name} {name}: {history.seconds:.0f} s, loss {history.losses[-1]:.4f}")
    return history.seconds


def other_code(folder: Path, run: str | None = None) -> list[OtherCode]:
    """The finished weights in a folder, or of one run, that other code made and this one has not.

    Raises CheckpointError for a damaged file.
    """
    runs: dict[tuple[Path, str], list[OtherCode | None]] = defaultdict(list)
    for one in finished(folder, run):
        runs[one.file.parent, one.run].append(_other_code(one))
    return [files[-1] for files in runs.values() if files[-1] and None not in files]


def finished(folder: Path, run: str | None = None) -> Iterator[Finished]:
    """All finished weights in a folder and those inside it, or those of one run in the folder.

    Raises CheckpointError for a damaged file.
    """
    for file in sorted(folder.glob("*.safetensors" if run else "**/*.safetensors")):
        name = _FILE.fullmatch(file.name)
        if name and run in (None, name["run"]):
            yield Finished(file, name["run"], name["code"], _checked(file, load_metadata(file)))


def _other_code(one: Finished) -> OtherCode | None:
    """What is other about the code of a file, unless it is the same."""
    try:
        now = modules(one.facts["module"])
    except ValueError:  # the module is gone
        now = {}
    if _short(now) == one.code:
        return None
    return OtherCode(one.file, differences(one.facts["source"], now))


def _read(file: Path, model: nn.Module) -> float:
    """Give a model the weights of a file; returns the seconds of their training."""
    facts = _checked(file, load_weights(file, model))
    if digest(model.state_dict()) != facts["weights"]:
        raise CheckpointError(f"{file} is damaged: its weights changed; delete it to train again")
    return facts["seconds"]


def _checked(file: Path, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = {
        **dict.fromkeys(("module", "weights", "hardware"), str),
        **dict.fromkeys(("source", "versions"), dict),
        "seconds": (int, float),
    }
    wrong = [name for name, kind in kinds.items() if not isinstance(facts.get(name), kind)]
    if wrong or not math.isfinite(facts["seconds"]):
        raise CheckpointError(
            f"{file} is damaged: it does not say its {' and '.join(wrong) or 'seconds'}; "
            "delete it to train again"
        )
    return facts


def _identity(
    model: nn.Module,
    samples: Batch,
    config: TrainingConfig,
    options: dict[str, Any],
) -> str:
    """What decides the weights: the model and its first weights, the samples, the settings."""
    tensors = model.state_dict() | dict(model.named_buffers())
    parts = [
        str(model),
        *module_settings(model),
        digest(tensors),
        samples.fingerprint(),
        config.digest(),
    ]
    parts += [f"{name}={describe(option)}" for name, option in sorted(options.items())]
    return _short(parts, 12)


def _short(parts: Digests | list[str], length: int = 8) -> str:
    """A digest of a list, or of names and what they stand for."""
    lines = [f"{k} {v}" for k, v in sorted(parts.items())] if isinstance(parts, Mapping) else parts
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:length]

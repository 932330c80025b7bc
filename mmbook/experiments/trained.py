"""Train a model once: finished weights are read again, an interrupted run goes on."""

import hashlib
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from mmbook.batch import Batch
from mmbook.training import TrainingConfig, fit, load_weights, save_weights
from mmbook.training.checkpoints import digest
from mmbook.training.distribution import is_main


def trained(
    model: nn.Module,
    samples: Batch,
    config: TrainingConfig,
    folder: Path,
    name: str,
    **options: Any,
) -> float:
    """Give the model the weights that training on the samples leads to; returns its seconds.

    options: `loss`, `make_optimiser` and `augment` of `fit`; each a function, a partial one, or an
    object whose repr says all about it. The model is left in evaluation mode.

    Files are named after the run, `folder/name-identity`, so that those of another one are neither
    read nor written over: `.safetensors` for finished weights, which are read where they are,
    `.ckpt` for the state of an interrupted run. Under torchrun all processes train.
    """
    identity = _identity(model, samples, config, options)
    weights, checkpoint = (folder / f"{name}-{identity}.{end}" for end in ("safetensors", "ckpt"))
    if weights.is_file():
        return float(load_weights(weights, model.eval())["seconds"])
    progress = sys.stderr.isatty()
    history = fit(model, samples, config, checkpoint=checkpoint, progress=progress, **options)
    if is_main():
        save_weights(
            weights, model, {"name": name, "seed": config.seed, "seconds": history.seconds}
        )
        checkpoint.unlink(missing_ok=True)
        print(f"{folder.name} {name}: {history.seconds:.0f} s, loss {history.losses[-1]:.4f}")
    return history.seconds


def _identity(
    model: nn.Module,
    samples: Batch,
    config: TrainingConfig,
    options: dict[str, Any],
) -> str:
    """What decides the weights: the model and its first weights, the samples, the settings."""
    tensors = model.state_dict() | samples.inputs | {"targets": samples.targets}
    parts = [str(model), digest(tensors), config.digest()]
    parts += [f"{name}={_described(option)}" for name, option in sorted(options.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _described(option: Callable[..., Any]) -> str:
    """What an option does, in words that are the same in every process."""
    if isinstance(option, partial):
        return f"{_described(option.func)}{option.args}{sorted(option.keywords.items())}"
    return getattr(option, "__qualname__", repr(option))

"""Train a model once: finished weights are read again, an interrupted run goes on."""

import hashlib
import sys
from pathlib import Path
from typing import Any

from torch import nn

from mmbook.batch import Batch
from mmbook.training import TrainingConfig, describe, fit, load_weights, save_weights
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

    options: `objectives` and `augment` of `fit`, which `mmbook.training.describe` can describe. The
    model is left in evaluation mode.

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
    parts = [str(model), digest(model.state_dict()), samples.fingerprint(), config.digest()]
    parts += [f"{name}={describe(option)}" for name, option in sorted(options.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
